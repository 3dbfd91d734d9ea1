// CloudFront Function (cloudfront-js-2.0) for viewer requests: redirects URLs of an old image service to thumbnails.
// Append the file for the old service, such as parse-imgproxy.js. Adapt the constants of both files.

/** Thumbnails of the pipeline, in ascending order of width. */
var THUMBNAILS = [
  { name: 'small', width: 200, height: 200, fit: 'inside' },
  { name: 'medium', width: 640, height: 640, fit: 'inside' },
  { name: 'large', width: 1600, height: 1600, fit: 'inside' },
  { name: 'square', width: 320, height: 320, fit: 'cover' },
];
/** Whether to select the nearest thumbnail if no thumbnail has the old size. Otherwise the function returns 404. */
var NEAREST = true;
/** `sourcePrefix` of the pipeline. Requests for other keys continue to the origin. */
var SOURCE_PREFIX = '';
/** `basePath` of the behaviors, such as /media. */
var BASE_PATH = '';
/** Time for which browsers cache a redirect. Increase this time after the migration. */
var MAX_AGE_SECONDS = 3600;
/** Maps format names in old URLs to formats of all thumbnails. For other names, the `Accept` header selects the format. */
var FORMATS = { avif: 'avif', jpeg: 'jpeg', jpg: 'jpeg', webp: 'webp' };

// eslint-disable-next-line no-unused-vars -- CloudFront calls this function
function handler(event) {
  var target = targetOf(event.request.uri);
  if (target === undefined) {
    return event.request;
  }
  if (target === null) {
    return { statusCode: 404, statusDescription: 'Not Found', headers: { 'cache-control': { value: 'no-store' } } };
  }
  return {
    statusCode: 301,
    statusDescription: 'Moved Permanently',
    headers: { location: { value: target }, 'cache-control': { value: 'public, max-age=' + MAX_AGE_SECONDS } },
  };
}

/** Returns the path of a thumbnail, null if no thumbnail matches, or undefined for URLs of other services and sources. */
function targetOf(uri) {
  try {
    if (uri.indexOf(BASE_PATH + '/thumbnails/') === 0) {
      return undefined;
    }
    // eslint-disable-next-line no-undef -- the appended file declares this function
    var wanted = parse(uri);
    if (!wanted || typeof wanted.key !== 'string' || wanted.key === '' || wanted.key.indexOf(SOURCE_PREFIX) !== 0) {
      return undefined;
    }
    var thumbnail = thumbnailFor(wanted);
    return thumbnail ? pathOf(thumbnail, wanted) : null;
  } catch (error) {
    console.log('not a URL of the old service: ' + error.message);
    return undefined;
  }
}

/** Returns the thumbnail with the size, otherwise the smallest larger thumbnail, otherwise the largest thumbnail. */
function thumbnailFor(wanted) {
  var width = wanted.width || 0;
  var height = wanted.height || 0;
  if (width + height === 0 && wanted.names) {
    return THUMBNAILS.filter(function (thumbnail) {
      return wanted.names.indexOf(thumbnail.name) >= 0;
    })[0];
  }
  var isCrop = wanted.fit === 'cover' && width > 0 && height > 0;
  if (!NEAREST) {
    return THUMBNAILS.filter(function (thumbnail) {
      var hasSize = (width || thumbnail.width) === thumbnail.width && (height || thumbnail.height) === thumbnail.height;
      return width + height > 0 && hasSize && (thumbnail.fit === 'cover') === isCrop;
    })[0];
  }
  var crops = THUMBNAILS.filter(function (thumbnail) {
    var ratio = (width * thumbnail.height) / (height * thumbnail.width);
    return isCrop && thumbnail.fit === 'cover' && Math.abs(ratio - 1) < 0.02;
  });
  var uncropped = THUMBNAILS.filter(function (thumbnail) {
    return thumbnail.fit === 'inside';
  });
  var candidates = crops.length > 0 ? crops : uncropped;
  var sufficient = candidates.filter(function (thumbnail) {
    return width + height > 0 && thumbnail.width >= width && thumbnail.height >= height;
  });
  return sufficient[0] || candidates[candidates.length - 1];
}

/** Puts a key into the query string if a proxy would change it in a path, for example a key with //. */
function pathOf(thumbnail, wanted) {
  var isUnsafe = /[%+?#\\]|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|^\/|\/$/.test(wanted.key);
  var path = BASE_PATH + '/thumbnails/' + thumbnail.name;
  var query = [];
  if (isUnsafe) {
    query.push('key=' + encodeURIComponent(wanted.key));
  } else {
    path += '/' + wanted.key.split('/').map(encodeURIComponent).join('/');
  }
  if (Object.keys(FORMATS).indexOf(wanted.format) >= 0) {
    query.push('format=' + FORMATS[wanted.format]);
  }
  return path + (query.length > 0 ? '?' + query.join('&') : '');
}
