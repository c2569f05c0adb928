export interface ReportExecutorOptions {
  projects?: string[];
  all?: boolean;
  base?: string;
  head?: string;
  output?: string;
  runFile?: string;
  slot?: string;
  staleDays?: number;
  comment?: string;
  failOn?: string;
  provider?: string;
  pullRequest?: number;
  repository?: string;
  apiUrl?: string;
}
