// For redirect.js: parses Thumbor paths and base64 requests of AWS Dynamic Image Transformation.

/** Source buckets that the pipeline serves. Requests for other buckets continue to the origin. */
var BUCKETS = ['my-images'];
/** Segments before the key in Thumbor paths: https://thumbor.readthedocs.io/en/latest/usage.html */
var OPTION = /^(?:fit-in|smart|trim|left|right|center|top|bottom|middle|filters:.*|-?\d*x-?\d*|\d+x\d+:\d+x\d+|s3:.+)$/;

// eslint-disable-next-line no-unused-vars -- redirect.js calls this function
function parse(uri) {
  var wanted = uri.indexOf('/ey') === 0 ? fromBase64(uri) : fromThumbor(uri);
  return wanted && BUCKETS.indexOf(wanted.bucket) >= 0 ? wanted : undefined;
}

function fromBase64(uri) {
  var request = JSON.parse(Buffer.from(decodeURIComponent(uri.slice(1)), 'base64').toString());
  var resize = (request.edits && request.edits.resize) || {};
  return {
    bucket: request.bucket || BUCKETS[0],
    key: request.key,
    width: Number(resize.width) || 0,
    height: Number(resize.height) || 0,
    // The default of sharp is cover.
    fit: resize.fit || 'cover',
    format: request.outputFormat,
  };
}

function fromThumbor(uri) {
  var segments = uri.slice(1).split('/').map(decodeURIComponent);
  var wanted = { bucket: BUCKETS[0], width: 0, height: 0, fit: 'cover' };
  var count = 0;
  while (count < segments.length - 1 && OPTION.test(segments[count])) {
    var option = segments[count];
    var size = /^-?(\d*)x-?(\d*)$/.exec(option);
    var format = /[:)]format\((\w+)\)/.exec(option);
    if (size) {
      wanted.width = Number(size[1]);
      wanted.height = Number(size[2]);
    } else if (option === 'fit-in') {
      wanted.fit = 'inside';
    } else if (option.indexOf('s3:') === 0) {
      wanted.bucket = option.slice(3);
    }
    wanted.format = format ? format[1] : wanted.format;
    count++;
  }
  wanted.key = segments.slice(count).join('/');
  return count > 0 ? wanted : undefined;
}
