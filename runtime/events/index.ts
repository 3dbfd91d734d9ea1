export { announcing, type AnnouncingOptions } from './announcing';
export { EventBridgePublisher } from './event-bridge-publisher';
export { EventPublishError, type EventPublisher } from './event-publisher';
export { HttpPublisher, type HttpPublisherOptions } from './http-publisher';
export { MessageError, queueing, type QueueingOptions } from './queueing';
export { eventSchema, thumbnailEventSchema, type ThumbnailEvent } from './thumbnail-event';
