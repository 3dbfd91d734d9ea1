/** `source` of the events in EventBridge. The `source` of CloudEvents starts with this value. */
export const EVENT_SOURCE = 'cdk-thumbnails';

/** Version of the event format. It increases if a property changes or disappears, but not for additional properties. */
export const EVENT_VERSION = 1;

/** Detail types of the events in EventBridge, by status. */
export const EVENT_DETAIL_TYPES = {
  /** All thumbnails of a source are stored. */
  ready: 'Thumbnails Ready',
  /** The runtime rejects a source permanently. */
  rejected: 'Thumbnails Rejected',
  /** The runtime deletes the thumbnails of a deleted source. */
  removed: 'Thumbnails Removed',
} as const;

/** One of {@link EVENT_DETAIL_TYPES}. */
export type EventStatus = keyof typeof EVENT_DETAIL_TYPES;
