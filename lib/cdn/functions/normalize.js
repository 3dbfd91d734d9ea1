// CloudFront function for viewer requests: maps equivalent requests for a thumbnail to one cache key.
// This file contains a factory, which the construct calls with the settings of a pipeline.
// The runtime supports ECMAScript 5.1 and limits code to 10 KB and execution to less than a millisecond:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// The construct removes comment lines.
(function (settings) {
  var names = { a: 'avif', g: 'gif', j: 'jpeg', p: 'png', w: 'webp' };
  var problems = {
    'invalid-key': [400, 'Bad Request', 'Invalid key'],
    'unknown-format': [400, 'Bad Request', 'Unknown thumbnail format'],
    'unknown-thumbnail': [404, 'Not Found', 'Unknown thumbnail'],
    'route-not-found': [404, 'Not Found', 'Route not found'],
  };

  // Returns the problem document that the API returns.
  function problem(code, detail, uri) {
    var entry = problems[code];
    return {
      statusCode: entry[0],
      statusDescription: entry[1],
      headers: {
        'content-type': { value: 'application/problem+json' },
        'cache-control': { value: 'no-store' },
        'x-content-type-options': { value: 'nosniff' },
      },
      body: JSON.stringify({
        type: 'urn:cdk-thumbnails:problem:' + code,
        title: entry[2],
        status: entry[0],
        detail: detail,
        instance: uri,
        code: code,
      }),
    };
  }

  // Returns the quality value of each media range in an Accept header, like the API. Skips invalid elements.
  function parseAccept(header) {
    var ranges = {};
    var count = 0;
    header.split(',').forEach(function (element) {
      var parts = element.split(';').map(function (part) {
        return part.trim();
      });
      var quality = 1;
      for (var i = 1; i < parts.length; i++) {
        if (/^q\s*=/i.test(parts[i])) {
          var match = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parts[i]);
          if (!match) {
            return;
          }
          quality = Number(match[1]);
          break;
        }
      }
      if (!/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(parts[0])) {
        return;
      }
      // The space avoids the names of inherited properties.
      var range = ' ' + parts[0].toLowerCase();
      if (ranges[range] === undefined) {
        count++;
      }
      ranges[range] = Math.max(quality, ranges[range] || 0);
    });
    return count ? ranges : { ' */*': 1 };
  }

  // Prefers the highest quality value, then formats that the header names, then AVIF and WebP, then the defined order.
  function negotiate(formats, header) {
    var ranges = parseAccept(header);
    var best;
    formats.forEach(function (format) {
      var named = ranges[' image/' + format];
      var ranged = ranges[' image/*'] === undefined ? ranges[' */*'] || 0 : ranges[' image/*'];
      var quality = named === undefined ? ranged : named;
      var size = named === undefined ? 2 : format === 'avif' ? 0 : format === 'webp' ? 1 : 2;
      var order = [quality, named === undefined ? 0 : 1, -size];
      if (!quality) {
        return;
      }
      if (best) {
        for (var i = 0; i < 3; i++) {
          if (order[i] < best.order[i]) {
            return;
          }
          if (order[i] > best.order[i]) {
            break;
          }
        }
        if (i === 3) {
          return;
        }
      }
      best = { format: format, order: order };
    });
    return best ? best.format : formats[0];
  }

  function acceptOf(headers) {
    var accept = headers.accept;
    if (!accept) {
      return '';
    }
    if (!accept.multiValue) {
      return accept.value;
    }
    return accept.multiValue
      .map(function (one) {
        return one.value;
      })
      .join(',');
  }

  function keep(querystring, names) {
    var kept = {};
    names.forEach(function (name) {
      if (querystring[name]) {
        kept[name] = { value: querystring[name].value };
      }
    });
    return kept;
  }

  function encode(path) {
    return path.split('/').map(encodeURIComponent).join('/');
  }

  // Returns whether S3 and the API both support the key in a path. API Gateway decodes a path twice, truncates it at a
  // question mark and rejects a lone percent sign. The runtime shortens prefixes of more than 896 bytes.
  function isPlain(key) {
    var unsupported = /[%?#\\]|\/\/|^\/|\/$|(?:^|\/)\.{1,2}(?:\/|$)/.test(key);
    return !unsupported && encode(settings.prefix + key).replace(/%../g, '%').length <= 896;
  }

  // Redirects to the same thumbnail with the key in the query, which supports every key.
  function inQuery(name, key, query) {
    var location = settings.base + '/thumbnails/' + name + '?key=' + encodeURIComponent(key);
    if (query.format) {
      location += '&format=' + query.format.value;
    }
    if (query.v) {
      location += '&v=' + encodeURIComponent(query.v.value);
    }
    return {
      statusCode: 302,
      statusDescription: 'Found',
      headers: { location: { value: location }, 'cache-control': { value: 'public, max-age=86400' } },
    };
  }

  return function (event) {
    var request = event.request;
    var uri = request.uri;
    var query = request.querystring;
    var path = uri;
    if (settings.base) {
      if (path.indexOf(settings.base + '/') !== 0) {
        return problem('route-not-found', 'paths start with ' + settings.base, uri);
      }
      path = path.slice(settings.base.length);
    }

    if (/^\/images(?:\/|$)/.test(path)) {
      request.uri = path;
      request.querystring = keep(query, ['key']);
      return request;
    }
    var parts = /^\/thumbnails\/([^/]+)(?:\/([\s\S]*))?$/.exec(path);
    if (!parts) {
      return problem('route-not-found', 'expected /thumbnails/{name}/{key} or /images/{key}', uri);
    }

    var name = parts[1];
    if (!Object.prototype.hasOwnProperty.call(settings.thumbnails, name)) {
      return problem('unknown-thumbnail', 'expected one of ' + Object.keys(settings.thumbnails).join(', '), uri);
    }
    var formats = settings.thumbnails[name].split('').map(function (letter) {
      return names[letter];
    });
    var format = query.format ? query.format.value : negotiate(formats, acceptOf(request.headers));
    if (formats.indexOf(format) < 0) {
      return problem('unknown-format', 'expected one of ' + formats.join(', '), uri);
    }

    // Input of respond.js. Cache keys and origin requests do not contain it.
    request.headers['x-thumbnails-format'] = { value: query.format ? 'named' : 'chosen' };

    if (!parts[2]) {
      if (!settings.query) {
        return problem('invalid-key', 'the key is missing: append it to the path', uri);
      }
      // Only the API supports keys in the query.
      request.uri = path.replace(/\/$/, '');
      request.querystring = keep(query, ['key', 'v']);
      request.querystring.format = { value: format };
      return request;
    }
    var key;
    try {
      key = decodeURIComponent(parts[2]);
    } catch (error) {
      return problem('invalid-key', 'the key is not percent-encoded UTF-8, ' + error.name + ': encode % as %25', uri);
    }
    if (key.indexOf('\0') >= 0) {
      return problem('invalid-key', 'the key contains a NUL character', uri);
    }
    if (!isPlain(key)) {
      return settings.query ? inQuery(name, key, query) : problem('invalid-key', 'a path cannot contain this key', uri);
    }
    var file = '/' + name + '.' + (format === 'jpeg' ? 'jpg' : format);
    request.uri = '/' + encode(settings.prefix + key) + file;
    request.querystring = keep(query, ['v']);
    return request;
  };
});
