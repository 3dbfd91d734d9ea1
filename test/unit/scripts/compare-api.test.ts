import { errorsOn } from '../../../scripts/release/compare-api';

test.each([
  ['0.1.0', '0.1.1', 'all'],
  ['0.1.9', '0.2.0', 'none'],
  ['0.9.0', '1.0.0', 'none'],
  ['1.0.0', '1.4.0', 'all'],
  ['1.4.0', '2.0.0', 'none'],
])('an update from %s to %s reports these incompatible changes as errors: %s', (published, current, expected) => {
  expect(errorsOn(published, current)).toBe(expected);
});
