// CloudFront Function (cloudfront-js-2.0) for viewer requests: redirects URLs of AWS Dynamic Image Transformation to
// named thumbnails. Adapt the two constants.

/** Buckets of the old URLs that the pipeline serves. Requests for other buckets continue to the origin. */
var BUCKETS = ['my-images'];
/** Thumbnails of the pipeline, in ascending order of width. */
var THUMBNAILS = [
  { name: 'small', width: 200, height: 200, fit: 'inside' },
  { name: 'medium', width: 640, height: 640, fit: 'inside' },
  { name: 'large', width: 1600, height: 1600, fit: 'inside' },
  { name: 'square', width: 320, height: 320, fit: 'cover' },
];
/** Segments before the key in Thumbor paths: https://thumbor.readthedocs.io/en/latest/usage.html */
var OPTION = /^(?:fit-in|smart|trim|left|right|center|top|bottom|middle|filters:.*|-?\d*x-?\d*|\d+x\d+:\d+x\d+|s3:.+)$/;

// eslint-disable-next-line no-unused-vars -- CloudFront calls this function
function handler(event) {
  var request = event.request;
  try {
    var wanted = fromBase64(request.uri) || fromThumbor(request.uri);
    if (wanted && BUCKETS.indexOf(wanted.bucket) >= 0) {
      return {
        statusCode: 301,
        statusDescription: 'Moved Permanently',
        headers: { location: { value: location(wanted) }, 'cache-control': { value: 'public, max-age=86400' } },
      };
    }
  } catch (error) {
    console.log('not a URL of Dynamic Image Transformation: ' + error.message);
  }
  return request;
}

function fromBase64(uri) {
  if (uri.indexOf('/ey') !== 0) {
    return undefined;
  }
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

/** Returns the smallest thumbnail that has the wanted size, or the largest one. */
function thumbnailFor(wanted) {
  var isCrop = wanted.fit === 'cover' && wanted.width > 0 && wanted.height > 0;
  var crops = THUMBNAILS.filter(function (thumbnail) {
    var ratio = (wanted.width * thumbnail.height) / (wanted.height * thumbnail.width);
    return isCrop && thumbnail.fit === 'cover' && Math.abs(ratio - 1) < 0.02;
  });
  var candidates = crops.length > 0 ? crops : THUMBNAILS.filter((thumbnail) => thumbnail.fit === 'inside');
  var sufficient = candidates.filter(function (thumbnail) {
    return wanted.width + wanted.height > 0 && thumbnail.width >= wanted.width && thumbnail.height >= wanted.height;
  });
  return sufficient[0] || candidates[candidates.length - 1];
}

/** Returns the path of a thumbnail. Puts a key into the query string if a proxy would change it in a path, for example a key with //. */
function location(wanted) {
  var format = { jpg: 'jpeg' }[wanted.format] || wanted.format;
  var isUnsafe = /[%+?#\\]|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|^\/|\/$/.test(wanted.key);
  var path = '/thumbnails/' + thumbnailFor(wanted).name;
  var query = format ? ['format=' + format] : [];
  if (isUnsafe) {
    query.unshift('key=' + encodeURIComponent(wanted.key));
  } else {
    path += '/' + wanted.key.split('/').map(encodeURIComponent).join('/');
  }
  return path + (query.length > 0 ? '?' + query.join('&') : '');
}
