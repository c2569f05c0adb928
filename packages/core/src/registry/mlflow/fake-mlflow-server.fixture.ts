import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface FakeVersion {
  readonly version: number;
  readonly source: string;
  readonly runId: string;
  readonly tags: Map<string, string>;
  deleted: boolean;
}

interface FakeModel {
  readonly tags: Map<string, string>;
  readonly aliases: Map<string, number>;
  readonly versions: FakeVersion[];
}

/** What a request is answered with instead: a status with a body, or nothing at all. */
export type Fault = { readonly status: number; readonly body: string } | 'hang up' | 'hang up after';

/**
 * A tracking server in this process, by what MLflow 3.17 was seen to answer (e2e/mlflow runs the same against the real
 * one). Version numbers are never given twice, as there.
 */
export class FakeMlflowServer {
  readonly models = new Map<string, FakeModel>();
  readonly artifacts = new Map<string, Buffer>();
  readonly runs = new Map<string, { name: string; metrics: Record<string, number>; status: string }>();
  /** `GET registered-models/get` and so on, in order. */
  readonly requests: string[] = [];
  readonly authorizations = new Set<string | undefined>();
  hasExperiment = false;
  version = '3.17.2';
  /** Where files of runs are said to lie. */
  root = 'mlflow-artifacts:/1';
  fault: ((request: string, body: unknown) => Fault | undefined) | undefined;
  private readonly http = createServer((request, response) => {
    void (async () => {
      const bytes = await buffer(request);
      const { name, query, artifact } = this.nameOf(request);
      this.requests.push(name);
      this.authorizations.add(request.headers.authorization);
      const body = artifact === undefined && bytes.length > 0 ? (JSON.parse(bytes.toString()) as Body) : {};
      const fault = this.fault?.(name, body);
      if (fault === 'hang up') return void request.socket.destroy();
      if (fault !== undefined && fault !== 'hang up after')
        return void response.writeHead(fault.status).end(fault.body);
      const answer =
        artifact === undefined
          ? this.answer(name, { ...body, ...query })
          : this.artifact(request.method as string, artifact, bytes);
      if (fault === 'hang up after') return void request.socket.destroy();
      const [status, content] = answer;
      response.writeHead(status).end(content instanceof Buffer ? content : JSON.stringify(content));
    })();
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  /** Registers a version as something other than nx-mlops would. */
  addVersion(model: string): void {
    const found: FakeModel = this.models.get(model) ?? newModel();
    this.models.set(model, found);
    const version = found.versions.length + 1;
    found.versions.push({ version, source: 's3://x', runId: '', tags: new Map(), deleted: false });
  }

  private nameOf({ method, url = '' }: IncomingMessage) {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const artifact = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.+)$/.exec(pathname)?.[1];
    return {
      name: `${method} ${pathname.replace(/^\/api\/2\.0\/(mlflow\/)?/, '')}`,
      query: Object.fromEntries(searchParams) as Body,
      artifact: artifact === undefined ? undefined : decodeURIComponent(artifact),
    };
  }

  private answer(request: string, body: Body): Answer {
    const { name = '', key = '', value = '', alias = '', version = '' } = body as Record<string, string>;
    const model = this.models.get(name);
    switch (request) {
      case 'GET /version':
        return [200, Buffer.from(this.version)];
      case 'GET experiments/get-by-name':
        if (!this.hasExperiment) return absent('experiment');
        return [
          200,
          { experiment: { experiment_id: '1', artifact_location: this.root, lifecycle_stage: 'active' } },
        ];
      case 'POST experiments/create':
        if (this.hasExperiment) return exists();
        this.hasExperiment = true;
        return [200, { experiment_id: '1' }];
      case 'POST runs/create': {
        const id = String(this.runs.size + 1).padStart(32, '0');
        this.runs.set(id, { name: String(body['run_name']), metrics: {}, status: 'RUNNING' });
        return [200, { run: { info: { run_id: id, artifact_uri: `${this.root}/${id}/artifacts` } } }];
      }
      case 'POST runs/log-batch':
        for (const each of body['metrics'] as { key: string; value: number }[]) {
          this.run(body).metrics[each.key] = each.value;
        }
        return [200, {}];
      case 'POST runs/update':
        this.run(body).status = String(body['status']);
        return [200, {}];
      case 'POST runs/delete':
        this.runs.delete(String(body['run_id']));
        return [200, {}];
      case 'GET mlflow-artifacts/artifacts':
        return [200, this.list(String(body['path']))];
      case 'POST registered-models/create': {
        if (model !== undefined) return exists();
        const tags = (body['tags'] ?? []) as { key: string; value: string }[];
        this.models.set(name, { ...newModel(), tags: new Map(tags.map((tag) => [tag.key, tag.value])) });
        return [200, {}];
      }
      case 'GET registered-models/search': {
        const ours = [...this.models].filter(([, { tags }]) => tags.get('nx-mlops.registry') === '1');
        const start = Number(body['page_token'] ?? 0);
        const page = ours.slice(start, start + 2).map(([each, found]) => shown(each, found));
        const more = start + 2 < ours.length ? { next_page_token: String(start + 2) } : {};
        return [200, { registered_models: page, ...more }];
      }
    }
    if (model === undefined) return absent(`Registered Model with name=${name}`);
    const ofNumber = model.versions.find((each) => String(each.version) === version && !each.deleted);
    switch (request) {
      case 'GET registered-models/get':
        return [200, { registered_model: shown(name, model) }];
      case 'DELETE registered-models/delete':
        this.models.delete(name);
        return [200, {}];
      case 'POST registered-models/set-tag':
        if (value.length > 5000) return [500, { error_code: 'INTERNAL_ERROR', message: 'value too long' }];
        model.tags.set(key, value);
        return [200, {}];
      case 'DELETE registered-models/delete-tag':
        model.tags.delete(key);
        return [200, {}];
      case 'POST registered-models/alias':
        if (ofNumber === undefined) return absent(`Model Version (name=${name}, version=${version})`);
        model.aliases.set(alias, ofNumber.version);
        return [200, {}];
      case 'DELETE registered-models/alias':
        if (!model.aliases.delete(alias)) {
          return [400, { error_code: 'INVALID_PARAMETER_VALUE', message: `alias ${alias} not found` }];
        }
        return [200, {}];
      case 'POST model-versions/create': {
        const number = model.versions.length + 1;
        const tags = (body['tags'] ?? []) as { key: string; value: string }[];
        const source = String(body['source']);
        if (!source.startsWith(`${this.root}/${String(body['run_id'])}/artifacts/`)) {
          return [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid model version source' }];
        }
        model.versions.push({
          version: number,
          source,
          runId: String(body['run_id']),
          tags: new Map(tags.map((tag) => [tag.key, tag.value])),
          deleted: false,
        });
        return [200, { model_version: { version: String(number) } }];
      }
    }
    if (ofNumber === undefined) return absent(`Model Version (name=${name}, version=${version})`);
    switch (request) {
      case 'GET model-versions/get':
        return [200, { model_version: { version, tags: listed(ofNumber.tags) } }];
      case 'DELETE model-versions/delete':
        ofNumber.deleted = true;
        return [200, {}];
      default:
        return [404, Buffer.from('<!doctype html><title>404 Not Found</title>')];
    }
  }

  private artifact(method: string, path: string, bytes: Buffer): Answer {
    if (method === 'PUT') {
      this.artifacts.set(path, bytes);
      return [200, {}];
    }
    if (method === 'DELETE') {
      for (const each of this.artifacts.keys()) {
        if (each === path || each.startsWith(`${path}/`)) this.artifacts.delete(each);
      }
      return [200, {}];
    }
    const found = this.artifacts.get(path);
    return found === undefined ? absent(`No such artifact: '${path}'`) : [200, found];
  }

  private list(folder: string): object {
    const files = new Map<string, object>();
    for (const [path, { length }] of this.artifacts) {
      if (!path.startsWith(`${folder}/`)) continue;
      const [name = '', ...rest] = path.slice(folder.length + 1).split('/');
      const isFolder = rest.length > 0;
      files.set(name, { path: name, is_dir: isFolder, ...(isFolder ? {} : { file_size: length }) });
    }
    return files.size === 0 ? {} : { files: [...files.values()] };
  }

  private run(body: Body) {
    const run = this.runs.get(String(body['run_id']));
    if (run === undefined) throw new RangeError(`no run ${String(body['run_id'])}`);
    return run;
  }
}

type Body = Record<string, unknown>;
type Answer = readonly [status: number, body: object];

function newModel(): FakeModel {
  return { tags: new Map(), aliases: new Map(), versions: [] };
}

function listed(tags: ReadonlyMap<string, string>): object[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}

function shown(name: string, { tags, aliases, versions }: FakeModel): object {
  const last = versions.findLast(({ deleted }) => !deleted);
  return {
    name,
    ...(tags.size === 0 ? {} : { tags: listed(tags) }),
    ...(aliases.size === 0
      ? {}
      : { aliases: [...aliases].map(([alias, version]) => ({ alias, version: String(version) })) }),
    ...(last === undefined ? {} : { latest_versions: [{ version: String(last.version) }] }),
  };
}

function absent(what: string): Answer {
  return [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `${what} not found` }];
}

function exists(): Answer {
  return [400, { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'it already exists' }];
}
