import { subjectOf } from './request-subject';

describe('subjectOf', () => {
  it.each([
    [{ 'x-mlops-subject': 'user-1', 'x-request-id': 'r' }, 'id', 'user-1'],
    [{ 'x-request-id': 'r' }, 'id', 'id'],
    [{ 'x-request-id': 'r' }, undefined, 'r'],
    [{ 'x-mlops-subject': '', 'x-request-id': 'r' }, '', 'r'],
    [{ 'x-mlops-subject': ['a', 'b'] }, undefined, 'a,b'],
  ])('of %j with id %j is %j', (headers, id, subject) => {
    expect(subjectOf(headers, id, 'x-mlops-subject')).toBe(subject);
  });

  it('reads the header that it is told to', () => {
    expect(subjectOf({ 'x-account': '7', 'x-mlops-subject': 'user-1' }, undefined, 'x-account')).toBe('7');
  });

  it('is another one each time when the request names none', () => {
    expect(subjectOf({}, undefined, 'x-mlops-subject')).not.toBe(subjectOf({}, undefined, 'x-mlops-subject'));
  });
});
