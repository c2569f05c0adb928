/** Where objects are, and what finds the server. */
export interface S3Location {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /** Of a store that is not AWS, such as `https://minio.example.org`. @default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL */
  readonly endpoint?: string;
  /** @default what the environment or the AWS profile says, else us-east-1 */
  readonly region?: string;
  /** The bucket as part of the path rather than of the host name. @default true when an endpoint is given */
  readonly forcePathStyle?: boolean;
  /** Key of `mlops.json` that names it, for what is said of failures. @default remote */
  readonly configKey?: string;
}
