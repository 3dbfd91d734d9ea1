import { buffer } from 'node:stream/consumers';
import type S3rver from 's3rver';
import S3Event from 's3rver/lib/models/event';
import { type MemoryObjects, toRoutableKey } from './s3rver-store';

/** Maximum number of objects per page of a listing. */
const PAGE = 1000;

/**
 * Middleware that corrects deviations of s3rver 3.7.1 from S3:
 *
 * - ListObjectsV2 encrypts continuation tokens with DES, which OpenSSL 3 rejects, and ignores `encoding-type`.
 * - DeleteObjects trims keys, parses numeric keys as numbers, and sends no notifications.
 * - Keys with empty segments match no route.
 */
export function correctRequests(
  store: MemoryObjects,
  notify: (event: InstanceType<typeof S3Event>) => void,
): S3rver.Middleware {
  return async (context, next) => {
    const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/s.exec(context.path) ?? [];
    if (key) {
      context.path = `/${bucket}/${encodeRoutable(toRoutableKey(decodeURIComponent(key)))}`;
    } else if (!bucket || (await store.getBucket(bucket)) === null) {
      return next();
    } else if (context.method === 'GET' && context.query['list-type'] === '2') {
      return list(store, bucket, context);
    } else if (context.method === 'POST' && context.query['delete'] !== undefined) {
      return deleteAll(store, bucket, context, notify);
    }
    return next();
  };
}

function encodeRoutable(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

function list(store: MemoryObjects, bucket: string, context: S3rver.Context): void {
  const { prefix, delimiter, 'start-after': startAfter, 'continuation-token': token } = context.query;
  const maxKeys = Math.min(PAGE, Number(context.query['max-keys'] ?? PAGE));
  const { objects, commonPrefixes, isTruncated } = store.listObjects(bucket, {
    maxKeys,
    ...(prefix === undefined ? {} : { prefix }),
    ...(delimiter === undefined ? {} : { delimiter }),
    startAfter: token === undefined ? (startAfter ?? '') : Buffer.from(token, 'base64').toString(),
  });
  const inUrlEncoding = context.query['encoding-type'] === 'url';
  const text = (value: string): string => escapeXml(inUrlEncoding ? formEncode(value) : value);
  const last = objects.at(-1)?.key;
  context.type = 'application/xml';
  context.body = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name>`,
    `<Prefix>${text(prefix ?? '')}</Prefix><MaxKeys>${maxKeys}</MaxKeys><KeyCount>${objects.length}</KeyCount>`,
    inUrlEncoding ? '<EncodingType>url</EncodingType>' : '',
    `<IsTruncated>${isTruncated}</IsTruncated>`,
    isTruncated && last !== undefined
      ? `<NextContinuationToken>${Buffer.from(last).toString('base64')}</NextContinuationToken>`
      : '',
    ...objects.map(
      ({ key, size, metadata, lastModifiedDate }) =>
        `<Contents><Key>${text(key)}</Key><LastModified>${lastModifiedDate.toISOString()}</LastModified>` +
        `<ETag>${escapeXml(metadata['etag'] ?? '')}</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...commonPrefixes.map((common) => `<CommonPrefixes><Prefix>${text(common)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');
}

async function deleteAll(
  store: MemoryObjects,
  bucket: string,
  context: S3rver.Context,
  notify: (event: InstanceType<typeof S3Event>) => void,
): Promise<void> {
  const xml = (await buffer(context.req)).toString();
  const keys = [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescapeXml(key));
  for (const key of keys) {
    if (!store.existsObject(bucket, key)) {
      continue;
    }
    store.deleteObject(bucket, key);
    notify(
      new S3Event(
        { bucket, eventType: 'Delete', S3Item: { key } },
        { reqHeaders: context.headers, sourceIp: context.ip },
      ),
    );
  }
  const deleted = /<Quiet>true<\/Quiet>/.test(xml) ? [] : keys;
  context.type = 'application/xml';
  context.body = [
    '<?xml version="1.0" encoding="UTF-8"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    ...deleted.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`),
    '</DeleteResult>',
  ].join('');
}

/** Encodes a key like S3 in listings and notifications: form encoding without slashes. */
export function formEncode(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole: string, hex?: string, decimal?: string, name: string = '') => {
      if (hex) {
        return String.fromCodePoint(parseInt(hex, 16));
      }
      return decimal ? String.fromCodePoint(Number(decimal)) : (ENTITIES[name] ?? whole);
    },
  );
}
