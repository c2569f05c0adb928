import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { ListeningServer, type Answer } from './testing/http-client';
import { TestRegistry } from './testing/registry-with-models';

describe('the server', () => {
  const models = new TestRegistry();
  let http: ListeningServer;

  beforeAll(async () => {
    await models.serve('churn', 'skl2onnx-binary');
    await models.serve('echo', 'echo');
    await models.serve('lookup', 'table-lookup');
    await models.deploy('churn', 1, 'production');
    http = await ListeningServer.start({
      registry: models.registry,
      environment: 'staging',
      bodyLimitBytes: 200_000,
    });
    await http.server.follower.whenReady();
  });
  afterAll(async () => {
    await http.close();
    models.remove();
  });

  const amount = { name: 'amount', shape: [2, 1], datatype: 'FP32', data: [-1, 2] };
  const origin = { name: 'origin', shape: [2, 1], datatype: 'BYTES', data: ['JFK', 'LAX'] };
  const infer = (body: unknown, path = '/v2/models/churn/infer') => http.post(path, body);

  describe('tells', () => {
    it.each([
      ['/v2', { name: 'nx-mlops-server', version: expect.stringMatching(/^\d+\.\d+\.\d+/), extensions: [] }],
      ['/v2/health/live', { live: true }],
      ['/v2/health/ready', { live: true, ready: true }],
      ['/v2/models/churn/ready', { name: 'churn', ready: true, version: '1' }],
      ['/v2/models/churn/versions/1/ready', { name: 'churn', ready: true, version: '1' }],
      [
        '/v2/models/churn',
        {
          name: 'churn',
          versions: ['1'],
          platform: 'onnx_onnxv1',
          inputs: [
            { name: 'amount', datatype: 'FP32', shape: [-1, 1] },
            { name: 'origin', datatype: 'BYTES', shape: [-1, 1] },
          ],
          outputs: [
            { name: 'label', datatype: 'INT64', shape: [-1] },
            { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
          ],
        },
      ],
    ])('%s', async (path, body) => {
      expect(await http.get(path)).toEqual({ status: 200, body });
    });
  });

  describe('infers', () => {
    const p = 1 / (1 + Math.exp(-4));
    const label = { name: 'label', datatype: 'INT64', shape: [2], data: [0, 1] };
    const probabilities = {
      name: 'probabilities',
      datatype: 'FP32',
      shape: [2, 2],
      data: [0.5, 0.5, expect.closeTo(1 - p, 5), expect.closeTo(p, 5)],
    };

    it('all outputs, with the version that answered', async () => {
      expect(await infer({ inputs: [amount, origin] })).toEqual({
        status: 200,
        body: { model_name: 'churn', model_version: '1', outputs: [label, probabilities] },
      });
    });

    it('under the version in the path', async () => {
      expect(await infer({ inputs: [amount, origin] }, '/v2/models/churn/versions/1/infer')).toMatchObject({
        status: 200,
      });
    });

    it('only the outputs asked for, and gives the id back', async () => {
      expect(await infer({ id: 'row-7', inputs: [amount, origin], outputs: [{ name: 'label' }] })).toEqual({
        status: 200,
        body: { model_name: 'churn', model_version: '1', id: 'row-7', outputs: [label] },
      });
    });

    it('from nested data, with null for what is missing', async () => {
      const answer = await infer({
        inputs: [
          { ...amount, data: [[-1], [null]] },
          { ...origin, data: [['JFK'], [null]] },
        ],
      });
      expect(answer.body['outputs']).toMatchObject([{}, { data: [0.5, 0.5, null, null] }]);
    });

    it('whatever content type the client claims, as curl -d does', async () => {
      const body = JSON.stringify({ inputs: [amount, origin] });
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/vnd.x+json']) {
        expect(await http.post('/v2/models/churn/infer', body, { 'content-type': type })).toMatchObject({
          status: 200,
        });
      }
    });
  });

  describe('refuses in one form', () => {
    const rows = (inputs: unknown) => JSON.stringify({ inputs });
    it.each<[string, string, number, RegExp]>([
      ['an empty body', '', 400, /./],
      ['what is no JSON', '{"inputs": [', 400, /the body is no JSON/],
      ['null', 'null', 400, /the body: /],
      ['an array', '[]', 400, /the body: /],
      ['no inputs', '{}', 400, /^inputs: /],
      ['an empty list of inputs', rows([]), 400, /^inputs: /],
      ['a nameless input', rows([{ shape: [1], datatype: 'FP32', data: [1] }]), 400, /^inputs\[0\]\.name: /],
      ['a number for an id', JSON.stringify({ id: 7, inputs: [amount, origin] }), 400, /^id: /],
      ['a negative size', rows([{ ...amount, shape: [-1, 1] }]), 400, /^inputs\[0\]\.shape\[0\]: /],
      ['a fraction of a row', rows([{ ...amount, shape: [1.5, 1] }]), 400, /^inputs\[0\]\.shape\[0\]: /],
      ['a missing input', rows([amount]), 400, /missing input "origin"/],
      [
        'an input of another name',
        rows([amount, origin, { ...origin, name: 'orign' }]),
        400,
        /no input "orign".*Did you mean "origin"/,
      ],
      ['an input twice', rows([amount, amount, origin]), 400, /"amount" is given twice/],
      [
        'another datatype',
        rows([{ ...amount, datatype: 'FP64' }, origin]),
        400,
        /"amount" has datatype FP64; the model takes FP32/,
      ],
      ['an unknown datatype', rows([{ ...amount, datatype: 'float' }, origin]), 400, /the model takes FP32/],
      [
        'another rank',
        rows([{ ...amount, shape: [2] }, origin]),
        400,
        /"amount" has shape \[2\]; the model takes \[-1, 1\]/,
      ],
      ['another width', rows([{ ...amount, shape: [1, 2] }, origin]), 400, /has shape \[1, 2\]/],
      [
        'too few elements',
        rows([{ ...amount, data: [1] }, origin]),
        400,
        /"amount" has shape \[2, 1\], that is 2 elements, but its data has 1/,
      ],
      [
        'a size that no data can have',
        rows([{ ...amount, shape: [9_007_199_254_740_991, 1] }, origin]),
        400,
        /its data has 2/,
      ],
      [
        'data nested another way',
        rows([{ ...amount, data: [[1, 2]] }, origin]),
        400,
        /on axis 0 stands an array of 1/,
      ],
      [
        'data nested unevenly',
        rows([{ ...amount, data: [[1], 2] }, origin]),
        400,
        /on axis 1 stands a single element/,
      ],
      ['data nested too deep', rows([{ ...amount, data: [[[1]], [[2]]] }, origin]), 400, /nested deeper/],
      ['no data', rows([{ ...amount, data: undefined }, origin]), 400, /"amount": "data" must be an array/],
      [
        'a string for a number',
        rows([{ ...amount, data: [1, '2'] }, origin]),
        400,
        /"amount": element 1 is "2"; FP32 takes numbers/,
      ],
      ['a number beyond FP32', rows([{ ...amount, data: [1, 1e39] }, origin]), 400, /element 1 is 1e\+39/],
      [
        'a number for a string',
        rows([amount, { ...origin, data: ['JFK', 7] }]),
        400,
        /"origin": element 1 is 7; BYTES takes strings/,
      ],
      [
        'inputs of different length',
        rows([amount, { ...origin, shape: [1, 1], data: ['JFK'] }]),
        400,
        /"amount" has 2, "origin" has 1/,
      ],
      [
        'an output that is not there',
        JSON.stringify({ inputs: [amount, origin], outputs: [{ name: 'labels' }] }),
        400,
        /no output "labels".*Did you mean "label"/,
      ],
      [
        'binary input',
        rows([{ ...amount, parameters: { binary_data_size: 8 }, data: undefined }, origin]),
        501,
        /binary tensors are not supported/,
      ],
      [
        'binary output',
        JSON.stringify({ parameters: { binary_data_output: true }, inputs: [amount, origin] }),
        501,
        /binary tensors are not supported/,
      ],
      ['a body over the limit', rows([{ ...amount, data: Array(100_000).fill(0) }]), 413, /too large/],
      ['a poisoned prototype', '{"__proto__": {"inputs": []}}', 400, /^inputs: /],
    ])('%s', async (_what, body, status, message) => {
      const answer = await http.post('/v2/models/churn/infer', body);
      expect(answer).toEqual({ status, body: { error: expect.stringMatching(message) } });
    });

    it.each<[string, string, number, RegExp]>([
      ['GET', '/', 404, /there is no GET \//],
      ['GET', '/v2/models/churn/infer', 404, /there is no GET/],
      ['PUT', '/v2/models/churn/infer', 404, /there is no PUT/],
      [
        'GET',
        '/v2/models/chrun',
        404,
        /"chrun" is not deployed in environment "staging".*Did you mean "churn"/,
      ],
      ['GET', '/v2/models/chrun/ready', 404, /"chrun"/],
      ['POST', '/v2/models/chrun/infer', 404, /"chrun"/],
      ['GET', '/v2/models/churn/versions/2', 404, /version "2" of "churn" is not served.*serves version 1/],
      ['POST', '/v2/models/churn/versions/2/infer', 404, /version "2"/],
      ['GET', '/v2/models/..%2f..%2fetc', 404, /not deployed/],
      ['GET', '/v2/models/__proto__', 404, /not deployed/],
      ['GET', '/%zz', 400, /not a valid url/],
    ])('%s %s', async (method, path, status, message) => {
      const response = await fetch(http.url + path, method === 'GET' ? {} : { method, body: '{}' });
      const answer = { status: response.status, body: await response.json() };
      expect(answer).toEqual({ status, body: { error: expect.stringMatching(message) } });
    });

    it('binary bodies, which are an extension', async () => {
      const answer = await http.post('/v2/models/churn/infer', 'x', {
        'inference-header-content-length': '1',
      });
      expect(answer).toMatchObject({ status: 501 });
    });

    it('bytes that are no HTTP', async () => {
      const { port } = http.server.app.server.address() as AddressInfo;
      const text = await new Promise<string>((resolve, reject) => {
        let received = '';
        const socket = connect(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
        socket.on('data', (bytes) => (received += bytes.toString()));
        socket.on('end', () => resolve(received));
        socket.on('error', reject);
      });
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toEqual({
        error: expect.stringContaining('malformed HTTP'),
      });
    });

    it('what ONNX Runtime fails at, and answers the next request', async () => {
      const row = (index: number) => ({
        inputs: [{ name: 'row', shape: [1], datatype: 'INT64', data: [index] }],
      });
      expect(await http.post('/v2/models/lookup/infer', row(99))).toEqual({
        status: 500,
        body: { error: expect.stringMatching(/lookup/) },
      });
      expect((await http.post('/v2/models/lookup/infer', row(1))).body).toMatchObject({
        outputs: [{ data: [20] }],
      });
    });
  });

  describe('carries each datatype unchanged', () => {
    const int = (min: number, max: number) => fc.integer({ min, max });
    const elements = {
      f32: ['FP32', fc.float({ noNaN: true, noDefaultInfinity: true })],
      f64: ['FP64', fc.double({ noNaN: true, noDefaultInfinity: true })],
      i8: ['INT8', int(-128, 127)],
      i16: ['INT16', int(-32_768, 32_767)],
      i32: ['INT32', int(-(2 ** 31), 2 ** 31 - 1)],
      i64: ['INT64', fc.maxSafeInteger()],
      u8: ['UINT8', int(0, 255)],
      u16: ['UINT16', int(0, 65_535)],
      u32: ['UINT32', int(0, 2 ** 32 - 1)],
      u64: ['UINT64', fc.maxSafeNat()],
      flag: ['BOOL', fc.boolean()],
      text: ['BYTES', fc.string({ unit: 'grapheme' })],
    } as const;

    it('flat and nested', async () => {
      const pairsOf = (arbitrary: fc.Arbitrary<number | boolean | string>) =>
        fc.array(fc.tuple(arbitrary, arbitrary), { minLength: 1, maxLength: 4 });
      const tensors = fc.record(
        Object.fromEntries(
          Object.entries(elements).map(([name, [, arbitrary]]) => [name, pairsOf(arbitrary)]),
        ),
      );
      await fc.assert(
        fc.asyncProperty(tensors, async (byName) => {
          const request = (nested: boolean) => ({
            inputs: Object.entries(byName).map(([name, pairs]) => ({
              name,
              shape: [pairs.length, 2],
              datatype: elements[name as keyof typeof elements][0],
              data: nested ? pairs : pairs.flat(),
            })),
          });
          const flat = await http.post('/v2/models/echo/infer', request(false));
          expect(await http.post('/v2/models/echo/infer', request(true))).toEqual(flat);
          expect(valuesOf(flat)).toEqual(
            Object.fromEntries(
              // JSON has no negative zero.
              Object.entries(byName).map(([name, pairs]) => [
                name,
                pairs.flat().map((x) => (x === 0 ? 0 : x)),
              ]),
            ),
          );
        }),
        { numRuns: 40 },
      );
    });

    it.each([
      ['i8', [128, 0], /element 0 is 128; INT8 takes whole numbers from -128 to 127/],
      ['u8', [0, -1], /element 1 is -1/],
      ['i32', [0.5, 0], /element 0 is 0.5/],
      ['i64', [2 ** 53, 0], /element 0 is 9007199254740992; INT64 takes whole numbers/],
      ['u64', [-1, 0], /element 0 is -1/],
      ['flag', [2, 0], /element 0 is 2; BOOL takes true or false/],
      ['text', [['a'], ['b']], /not nested/],
    ])('and refuses what %s cannot hold: %j', async (name, data, message) => {
      const [datatype] = elements[name as keyof typeof elements];
      const answer = await http.post('/v2/models/echo/infer', {
        inputs: [{ name, shape: [1, 2], datatype, data }],
      });
      expect(answer).toEqual({ status: 400, body: { error: expect.stringMatching(message) } });
    });
  });
});

function valuesOf({ body }: Answer): Record<string, unknown> {
  const outputs = body['outputs'] as { name: string; data: unknown }[];
  return Object.fromEntries(outputs.map(({ name, data }) => [name.replace(/_out$/, ''), data]));
}
