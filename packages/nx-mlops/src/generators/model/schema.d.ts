export interface ModelGeneratorSchema {
  name: string;
  dataset?: string;
  sample?: boolean;
  task?: 'binary-classification' | 'multiclass-classification' | 'regression';
  features?: string[];
  target?: string;
  directory?: string;
  skipFormat?: boolean;
  skipPackageJson?: boolean;
}
