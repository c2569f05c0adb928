import { fakeModel } from '../testing/fake-model';
import { ServedVersion } from './served-version';

describe('ServedVersion', () => {
  it('frees the model only when the last request is done', async () => {
    const model = fakeModel();
    const served = new ServedVersion(1, 'digest', model);
    let finish: (() => void) | undefined;
    const request = served.borrow(() => new Promise<string>((resolve) => (finish = () => resolve('answer'))));
    await served.borrow(async () => 'a quick one');
    const retired = served.retire();
    expect(model.released).toBe(false);
    finish?.();
    expect(await request).toBe('answer');
    await retired;
    expect(model.released).toBe(true);
  });

  it('frees the model at once when nobody uses it, also after a request that failed', async () => {
    const model = fakeModel();
    const served = new ServedVersion(1, 'digest', model);
    await expect(served.borrow(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await served.retire();
    expect(model.released).toBe(true);
  });
});
