import { MlopsError } from '@nx-mlops/core';
import { commentMarker } from './comment-marker';
import { CommentService, human, otherBot, self } from './comment-service.fixture';
import { publishReport, type PublishRequest } from './publish-report';

const marker = commentMarker();

describe.each(['github', 'gitlab'] as const)('the comment on %s', (kind) => {
  let service: CommentService;
  let printed: string[];
  beforeEach(async () => {
    service = await CommentService.start();
    printed = [];
  });
  afterEach(() => service.stop());

  const publish = (report: string, changes: Partial<PublishRequest> = {}, token = service.token) =>
    publishReport({
      place:
        kind === 'github'
          ? { kind, api: service.url, repository: 'acme/shop', number: 12, token }
          : { kind, api: `${service.url}/api/v4`, project: '34', iid: 12, token },
      render: () => report,
      signal: new AbortController().signal,
      print: (line) => printed.push(line),
      retry: { firstWait: 1, longestWait: 2_000 },
      ...changes,
    });
  const ours = () => service.comments.filter(({ body }) => body.startsWith(marker)).map(({ body }) => body);
  const creations = () => service.requests.filter((request) => request.startsWith('POST')).length;

  it('is created once and updated from then on', async () => {
    expect(await publish('first')).toMatchObject({ kind: 'created' });
    expect(await publish('second')).toMatchObject({ kind: 'updated' });
    expect(ours()).toEqual([`${marker}\nsecond`]);
    expect(creations()).toBe(1);
    expect(printed[0]).toMatch(/^Wrote the comment on (pull|merge) request 12 of/);
  });

  it('is left alone when there is nothing new in it', async () => {
    await publish('the same');
    expect(await publish('the same')).toMatchObject({ kind: 'unchanged' });
    expect(service.requests.filter((request) => /^(PATCH|PUT)/.test(request))).toEqual([]);
  });

  it('is found on the third page', async () => {
    service.pageSize = 10;
    for (let count = 0; count < 24; count++) service.add(`remark ${count}`);
    service.add(`${marker}\nold`, self);
    for (let count = 0; count < 4; count++) service.add(`remark ${count}`);
    expect(await publish('new')).toMatchObject({ kind: 'updated' });
    expect(ours()).toEqual([`${marker}\nnew`]);
  });

  it('is written after an overload of the server, in every step', async () => {
    for (const method of ['GET', 'GET', 'POST']) service.spoil(method, { kind: 'status', status: 502 });
    expect(await publish('report')).toMatchObject({ kind: 'created' });
    service.spoil(kind === 'github' ? 'PATCH' : 'PUT', { kind: 'status', status: 503 });
    expect(await publish('report 2')).toMatchObject({ kind: 'updated' });
    expect(ours()).toEqual([`${marker}\nreport 2`]);
  });

  it('waits as long as the server asks', async () => {
    service.spoil('POST', { kind: 'status', status: 429, headers: { 'retry-after': '1' } });
    const start = Date.now();
    await publish('report');
    expect(Date.now() - start).toBeGreaterThanOrEqual(990);
    expect(printed[0]).toBe('The comment: status 429, "On purpose"; trying again in 1 s.');
  });

  it('does not wait for an hour', async () => {
    service.spoil('GET', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
    await expect(publish('report')).rejects.toMatchObject({ code: 'MLOPS_REPORT_UPLOAD' });
    expect(
      service.requests.filter((request) => request.startsWith('GET') && !request.endsWith('user')),
    ).toHaveLength(1);
  });

  it('is not written twice when the server took it and the connection broke', async () => {
    service.spoil('POST', { kind: 'accept-and-drop' });
    await publish('report');
    expect(ours()).toEqual([`${marker}\nreport`]);
    expect(creations()).toBe(1);
  });

  it('is written when the connection broke before the server took it', async () => {
    service.spoil('POST', { kind: 'drop' });
    await publish('report');
    expect(ours()).toEqual([`${marker}\nreport`]);
    expect(creations()).toBe(2);
  });

  it('is one when two runs write at once', async () => {
    service.holdCreations(2);
    await Promise.all([publish('of run 1'), publish('of run 2')]);
    expect(creations()).toBe(2);
    expect(ours()).toHaveLength(1);
    expect([`${marker}\nof run 1`, `${marker}\nof run 2`]).toContain(ours()[0]);
  });

  it('is one again after an older version left two', async () => {
    const first = service.add(`${marker}\none`, self);
    service.add(`${marker}\ntwo`, self);
    await publish('three');
    expect(service.comments).toEqual([{ ...first, body: `${marker}\nthree` }]);
  });

  it('is not what a reader quotes, and not what a reader copied', async () => {
    service.tellsUser = true;
    const quoted = service.add(`> ${marker}\n> ## All pass\n\nReally?`, human);
    const copied = service.add(`${marker}\n## mine`, human);
    const others = service.add(`${marker}\n## of another bot`, otherBot);
    expect(await publish('ours')).toMatchObject({ kind: 'created' });
    expect(await publish('ours 2')).toMatchObject({ kind: 'updated' });
    expect(service.comments).toEqual([quoted, copied, others, expect.objectContaining({ author: self })]);
    expect(copied.body).toBe(`${marker}\n## mine`);
  });

  it('is written anew when somebody removes it between look and change', async () => {
    service.add(`${marker}\nold`, self);
    service.spoil(kind === 'github' ? 'PATCH' : 'PUT', { kind: 'status', status: 404 });
    await publish('new');
    expect(ours()).toEqual([`${marker}\nnew`]);
  });

  it('of one slot is not that of another', async () => {
    await publish('shop', { slot: 'shop' });
    await publish('bank', { slot: 'bank' });
    await publish('none');
    await publish('bank 2', { slot: 'bank' });
    expect(service.comments.map(({ body }) => body)).toEqual([
      '<!-- nx-mlops report: shop -->\nshop',
      '<!-- nx-mlops report: bank -->\nbank 2',
      '<!-- nx-mlops report -->\nnone',
    ]);
  });

  it('is only brought up to date when asked so', async () => {
    expect(await publish('nothing', { onlyExisting: true })).toEqual({ kind: 'none' });
    expect(service.comments).toEqual([]);
    expect(printed).toEqual([]);
    await publish('report');
    await publish('nothing', { onlyExisting: true });
    expect(ours()).toEqual([`${marker}\nnothing`]);
  });

  it.each([
    [401, 'MLOPS_REPORT_REFUSED', /token was not accepted/],
    [403, 'MLOPS_REPORT_REFUSED', kind === 'github' ? /pull-requests: write/ : /scope "api"/],
    [404, 'MLOPS_REPORT_REFUSED', kind === 'github' ? /pull-requests: write/ : /scope "api"/],
    [422, 'MLOPS_REPORT_UPLOAD', /status 422, "On purpose"/],
  ])('is refused with status %d in one clear paragraph', async (status, code, text) => {
    service.spoil('POST', { kind: 'status', status });
    const error = await publish('report').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MlopsError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
    expect((error as Error).message).not.toContain('\n');
    expect((error as Error).message).not.toContain(service.token);
    expect(creations()).toBe(1);
  });

  it('is refused without the right token', async () => {
    await expect(publish('report', {}, 'wrong')).rejects.toMatchObject({
      code: 'MLOPS_REPORT_REFUSED',
      message: expect.stringMatching(/wrong or has expired/),
    });
    expect(service.comments).toEqual([]);
  });

  it('gives up after five attempts', async () => {
    for (let count = 0; count < 9; count++) service.spoil('POST', { kind: 'status', status: 502 });
    await expect(publish('report')).rejects.toMatchObject({ code: 'MLOPS_REPORT_UPLOAD' });
    expect(creations()).toBe(5);
  });

  it('stops at once when the job is stopped', async () => {
    const controller = new AbortController();
    controller.abort(new Error('Stopped.'));
    await expect(publish('report', { signal: controller.signal })).rejects.toThrow('Stopped.');
    expect(service.comments).toEqual([]);
  });
});

describe('the comment on github', () => {
  let service: CommentService;
  beforeEach(async () => (service = await CommentService.start()));
  afterEach(() => service.stop());

  it('of an Actions job, which may not ask who it is, is that of a bot', async () => {
    const copied = service.add(`${marker}\ncopied by hand`, human);
    await publishReport({
      place: { kind: 'github', api: service.url, repository: 'acme/shop', number: 12, token: service.token },
      render: () => 'report',
      signal: new AbortController().signal,
      print: () => undefined,
    });
    expect(service.comments).toEqual([copied, expect.objectContaining({ body: `${marker}\nreport` })]);
  });

  it('waits for a quota that is used up, which GitHub answers with 403', async () => {
    service.spoil('POST', {
      kind: 'status',
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000)) },
    });
    await publishReport({
      place: { kind: 'github', api: service.url, repository: 'acme/shop', number: 12, token: service.token },
      render: () => 'report',
      signal: new AbortController().signal,
      print: () => undefined,
      retry: { firstWait: 1 },
    });
    expect(service.comments).toHaveLength(1);
  });

  it('takes no token to another host that an answer names', async () => {
    const elsewhere = await CommentService.start();
    const requests = elsewhere.requests;
    service.spoil('GET', {
      kind: 'status',
      status: 200,
      body: [],
      headers: { link: `<${elsewhere.url}/repos/acme/shop/issues/12/comments?page=2>; rel="next"` },
    });
    await expect(
      publishReport({
        place: {
          kind: 'github',
          api: service.url,
          repository: 'acme/shop',
          number: 12,
          token: service.token,
        },
        render: () => 'report',
        signal: new AbortController().signal,
        print: () => undefined,
      }),
    ).rejects.toThrow(/another host/);
    const reached = requests.length;
    await elsewhere.stop();
    expect(reached).toBe(0);
  });
});

describe('commentMarker', () => {
  it.each(['a -->', 'a--b', '', 'a b', '-', 'x'.repeat(61), 'ä'])('refuses the slot %j', (slot) => {
    expect(() => commentMarker(slot)).toThrow(MlopsError);
  });
});
