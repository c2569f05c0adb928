export interface DatasetGeneratorSchema {
  name: string;
  source: string;
  directory?: string;
  copy?: boolean;
  prepare?: boolean;
  prepareSql?: string;
  splitKey?: string[];
  splitColumn?: string;
  trainWhere?: string;
  testWhere?: string;
  skipPackageJson?: boolean;
  skipFormat?: boolean;
}
