// For redirect.js: parses keys of the AWS tutorial, such as resized-cat.jpg in the bucket my-images-resized.

/** Buckets that path-style URLs can contain. */
var BUCKETS = ['my-images-resized'];
/** Prefix that the function of the tutorial adds to the key. */
var KEY_PREFIX = 'resized-';
/** Thumbnail with the size of the old images. The tutorial has one size: 200 pixels (Node.js) or half of the source (Python). */
var THUMBNAIL = 'small';

// eslint-disable-next-line no-unused-vars -- redirect.js calls this function
function parse(uri) {
  // Amazon S3 decodes + in a path as a space.
  var path = decodeURIComponent(uri.slice(1).replace(/\+/g, ' '));
  BUCKETS.forEach(function (bucket) {
    path = path.indexOf(bucket + '/') === 0 ? path.slice(bucket.length + 1) : path;
  });
  return path.indexOf(KEY_PREFIX) === 0 ? { key: path.slice(KEY_PREFIX.length), names: [THUMBNAIL] } : undefined;
}
