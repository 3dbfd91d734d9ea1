// For redirect.js: parses names of the Firebase extension Resize Images, such as images/thumbs/cat_200x200.webp.
// Also parses the paths of https://storage.googleapis.com and https://firebasestorage.googleapis.com.

/** Buckets that the paths can contain. */
var BUCKETS = ['my-project.appspot.com'];
/** RESIZED_IMAGES_PATH of the extension: a folder in the folder of the source, or an empty text. */
var RESIZED_IMAGES_PATH = 'thumbs';
/** Maps the extension of resized images to the extension of sources. With IMAGE_TYPE `false`, both have the same extension. */
var SOURCE_EXTENSIONS = { avif: 'jpg', webp: 'jpg' };

// eslint-disable-next-line no-unused-vars -- redirect.js calls this function
function parse(uri) {
  var path = decodeURIComponent(uri.slice(1)).replace(/^v0\/b\/([^/]+)\/o\//, '$1/');
  BUCKETS.forEach(function (bucket) {
    path = path.indexOf(bucket + '/') === 0 ? path.slice(bucket.length + 1) : path;
  });
  var parts = /^((?:.*\/)?)([^/]+)_(\d+)[x,](\d+)(?:\.(\w+))?$/.exec(path);
  var folder = RESIZED_IMAGES_PATH === '' ? '' : RESIZED_IMAGES_PATH + '/';
  if (!parts || ('/' + parts[1]).slice(-folder.length - 1) !== '/' + folder) {
    return undefined;
  }
  var isConverted = Object.keys(SOURCE_EXTENSIONS).indexOf(parts[5]) >= 0;
  var extension = isConverted ? SOURCE_EXTENSIONS[parts[5]] : parts[5];
  return {
    key: parts[1].slice(0, parts[1].length - folder.length) + parts[2] + (extension ? '.' + extension : ''),
    width: Number(parts[3]),
    height: Number(parts[4]),
    fit: 'inside',
  };
}
