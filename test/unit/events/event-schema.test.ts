import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { eventSchema, thumbnailEventSchema } from '../../../runtime/events';

const read = (page: string): string => readFileSync(join(__dirname, '../../../docs', page), 'utf8');

test('docs/reference/event.schema.json is up to date; npm run build:program updates it', () => {
  expect(JSON.parse(read('reference/event.schema.json'))).toEqual(JSON.parse(JSON.stringify(eventSchema())));
});

test('the events in docs/reference/events.md conform to the schema', () => {
  const blocks = read('reference/events.md').matchAll(/```json\n([\s\S]*?)```/g);
  const events = Array.from(blocks, ([, json]) => JSON.parse(json!) as unknown);
  expect(events.map((event) => v.parse(thumbnailEventSchema, event))).toEqual(events);
  expect(events).toHaveLength(3);
});
