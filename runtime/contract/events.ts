/** `source` of the events in EventBridge. The `source` of CloudEvents starts with this value. */
export const EVENT_SOURCE = 'cdk-thumbnails';

/** Version of the event format. A new version may remove or change properties. Additional properties need no new version. */
export const EVENT_VERSION = 1;

/** Detail types of the events in EventBridge, by status. */
export const EVENT_DETAIL_TYPES = {
  /** All thumbnails of a source are stored. */
  ready: 'Thumbnails Ready',
  /** A source was rejected permanently. */
  rejected: 'Thumbnails Rejected',
  /** A source and its thumbnails were deleted. */
  removed: 'Thumbnails Removed',
} as const;

/** One of {@link EVENT_DETAIL_TYPES}. */
export type EventStatus = keyof typeof EVENT_DETAIL_TYPES;
