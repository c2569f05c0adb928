import { messageOf, MlopsError } from './mlops-error';

describe('MlopsError', () => {
  it.each([
    [{}, 'It broke.'],
    [{ file: 'mlops.json' }, 'mlops.json: It broke.'],
    [{ path: 'a.b' }, 'a.b: It broke.'],
    [{ file: 'mlops.json', path: 'a.b' }, 'mlops.json: a.b: It broke.'],
    [{ file: 'mlops.json', path: '' }, 'mlops.json: It broke.'],
  ])('says where it happened: %j', (location, message) => {
    expect(new MlopsError('MLOPS_TEST', 'It broke.', location).message).toBe(message);
  });

  it('keeps its code and its cause', () => {
    const cause = new Error('below');
    const error = new MlopsError('MLOPS_TEST', 'It broke.', {}, { cause });
    expect(error).toMatchObject({ code: 'MLOPS_TEST', name: 'MlopsError', cause });
    expect(error).toBeInstanceOf(Error);
  });
});

it.each([
  [new Error('boom'), 'boom'],
  ['plain', 'plain'],
  [undefined, 'undefined'],
])('the message of whatever was thrown: %p', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
