import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventSchema, thumbnailEventSchema } from '../../../runtime/events';

const read = (page: string): string => readFileSync(join(__dirname, '../../../docs', page), 'utf8');

test('docs/reference/event.schema.json is up to date; npm run build:program updates it', () => {
  expect(JSON.parse(read('reference/event.schema.json'))).toEqual(JSON.parse(JSON.stringify(eventSchema())));
});

test('the event in docs/reference/events.md conforms to the schema', () => {
  const [, json] = /```json\n([\s\S]*?)```/.exec(read('reference/events.md'))!;
  expect(thumbnailEventSchema.parse(JSON.parse(json!))).toEqual(JSON.parse(json!));
});
