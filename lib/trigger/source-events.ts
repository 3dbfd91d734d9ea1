import { EventType } from 'aws-cdk-lib/aws-s3';

/** Events after which an object may be there, be another or be gone; the program looks which. */
export const SOURCE_EVENTS = [
  EventType.OBJECT_CREATED,
  EventType.OBJECT_REMOVED,
  EventType.LIFECYCLE_EXPIRATION,
  EventType.OBJECT_RESTORE_COMPLETED,
];

/** The same as EventBridge tells them; a lifecycle's deletions are deletions there. */
export const SOURCE_DETAIL_TYPES = ['Object Created', 'Object Deleted', 'Object Restore Completed'];
