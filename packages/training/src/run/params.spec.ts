import { paramsOver } from './params';

const defaults = { epochs: 5, activation: 'relu', shuffle: true, layers: [32], seedOfDropout: null };

describe('paramsOver', () => {
  test('takes the config over the defaults, typed by the defaults', () => {
    const { epochs, activation } = paramsOver(defaults, { epochs: 0.5 });
    const types: [number, string] = [epochs, activation];
    expect(types).toEqual([0.5, 'relu']);
  });

  test('takes anything where the default is null', () => {
    expect(paramsOver(defaults, { seedOfDropout: [1] }).seedOfDropout).toEqual([1]);
  });

  test.each<[string, Parameters<typeof paramsOver>[1], string]>([
    [
      'an unknown param',
      { epoch: 3 },
      'model.config.json: training.params.epoch: The script has no param "epoch". Did you mean "epochs"?',
    ],
    ['text for a number', { epochs: '3' }, 'The param "epochs" must be a number such as 5, not "3".'],
    [
      'null for a text',
      { activation: null },
      'The param "activation" must be a string such as "relu", not null.',
    ],
    ['a number for a list', { layers: 32 }, 'The param "layers" must be a list such as [32], not 32.'],
    ['a name that every object has', { toString: 1 }, 'The script has no param "toString".'],
  ])('refuses %s', (_what, given, message) => {
    expect(() => paramsOver(defaults, given)).toThrow(message);
  });
});
