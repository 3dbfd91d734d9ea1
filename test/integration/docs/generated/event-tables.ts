import { EVENT_DETAIL_TYPES, type EventStatus } from '../../../../runtime/contract';
import { eventSchema, type ThumbnailEvent } from '../../../../runtime/events';
import { cloudEventTypeOf } from '../../../../runtime/events/http-publisher';
import { type EventContext, eventOfManifest, eventOfRemoval } from '../../../../runtime/events/thumbnail-event';
import { readyManifest, rejectedManifest } from '../../../unit/http/fake-pipeline';
import type { Table } from '../blocks';

const KEY = 'a/cat.jpg';
const PUBLISHED: Readonly<Record<EventStatus, string>> = {
  ready: 'after the worker has stored all thumbnails and the manifest',
  rejected: 'after the worker has stored the manifest with the error code',
  removed: 'after the worker has deleted the thumbnails and the manifest of a source',
};

const context: EventContext = {
  pipeline: 'PhotosStack/Photos',
  time: new Date('2026-11-28T09:59:58Z'),
  sourceBucket: 'photos',
  manifest: { bucket: 'thumbnails', key: `${KEY}/manifest.json`, etag: '9e107d9d372bb6826bd81d3542a419d6' },
};
const source = { key: KEY, etag: 'd41d8cd98f00b204e9800998ecf8427e', bytes: 81_234 };

/** An event for each status. */
export const EVENT_EXAMPLES: Readonly<Record<EventStatus, () => ThumbnailEvent>> = {
  ready: () =>
    eventOfManifest(
      {
        ...readyManifest(KEY),
        source,
        image: { format: 'jpeg', width: 4000, height: 3000, frames: 1, hasAlpha: false },
        thumbHash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
        dominantColor: '#806040',
        thumbnails: [
          {
            name: 'small',
            format: 'webp',
            contentType: 'image/webp',
            width: 200,
            height: 150,
            frames: 1,
            bytes: 5214,
            key: `${KEY}/small.webp`,
            etag: 'e4d909c290d0fb1ca068ffaddf22cbd0',
          },
        ],
      },
      context,
    ),
  rejected: () =>
    eventOfManifest({ ...rejectedManifest(KEY, 'truncated', 'the end of the file is missing'), source }, context),
  removed: () => eventOfRemoval(KEY, context),
};

interface Schema {
  readonly const?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
}

interface EventProperty {
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** Returns the properties of a schema, including the properties of nested objects and array elements. */
function propertiesOf(schema: Schema, parent = ''): EventProperty[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${parent}${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    const type =
      property.type === 'array' ? `array of ${property.items?.type ?? 'values'}` : (property.type ?? 'value');
    return [
      { path, type, isRequired, description: property.description ?? '' },
      ...propertiesOf(property, `${path}.`),
      ...propertiesOf(property.items ?? {}, `${path}[].`),
    ];
  });
}

function propertyTable(): Table {
  const { oneOf } = eventSchema() as { readonly oneOf: readonly Schema[] };
  const rows = new Map<string, EventProperty & { readonly events: string[] }>();
  for (const schema of oneOf) {
    const status = String(schema.properties!['status']!.const);
    for (const property of propertiesOf(schema)) {
      const row = rows.get(property.path) ?? { ...property, events: [] };
      row.events.push(property.isRequired ? status : `${status} (optional)`);
      rows.set(property.path, row);
    }
  }
  return [
    ['property', 'type', 'events', 'meaning'],
    ...[...rows.values()].map(({ path, type, events, description }) => [
      `\`${path}\``,
      type,
      events.join(', '),
      description,
    ]),
  ];
}

/** Tables of the events, by name. */
export const EVENT_TABLES: Readonly<Record<string, () => Table>> = {
  'types of events': () => [
    ['detail type in EventBridge', 'type of the CloudEvent', '`status`', 'published'],
    ...(Object.keys(EVENT_DETAIL_TYPES) as EventStatus[]).map((status) => [
      `\`${EVENT_DETAIL_TYPES[status]}\``,
      `\`${cloudEventTypeOf(status)}\``,
      `\`${status}\``,
      PUBLISHED[status],
    ]),
  ],
  'properties of events': propertyTable,
};
