import type { DuckDBConnection } from '@duckdb/node-api';
import { sqlString } from '../duckdb';

/**
 * From here on the connection reads the files given and the folder, and nothing else: a result that came from a file
 * which the lock does not pin could change without its key. Cannot be undone.
 */
export async function restrictFiles(
  connection: DuckDBConnection,
  { files, folder }: { readonly files: readonly string[]; readonly folder: string },
): Promise<void> {
  await connection.run(`SET allowed_paths = [${files.map(sqlString).join(', ')}]`);
  await connection.run(`SET allowed_directories = [${sqlString(`${folder}/`)}]`);
  await connection.run('SET enable_external_access = false');
}
