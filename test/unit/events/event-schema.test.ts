import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventSchema } from '../../../runtime/events';

test('docs/event.schema.json is up to date; npm run build:program updates it', () => {
  const file = join(__dirname, '../../../docs/event.schema.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(eventSchema())));
});
