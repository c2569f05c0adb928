export interface CiGeneratorSchema {
  provider: 'github' | 'gitlab' | 'jenkins';
  agents?: number;
  schedule?: string;
  runner?: string[];
  overwrite?: boolean;
  skipFormat?: boolean;
}
