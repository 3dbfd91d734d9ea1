// CloudFront Function for viewer requests: a factory that the construct calls with the settings of a pipeline. CloudFront
// limits the code to 10 KB and the CPU time to less than a millisecond. Its runtime is based on ECMAScript 5.1: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// The deployed code does not contain comment lines.
(function (settings) {
  var names = { a: 'avif', g: 'gif', j: 'jpeg', p: 'png', w: 'webp' };
  var problems = {
    'invalid-key': [400, 'Bad Request', 'Invalid key'],
    'unknown-format': [400, 'Bad Request', 'Unknown thumbnail format'],
    'unknown-thumbnail': [404, 'Not Found', 'Unknown thumbnail'],
    'route-not-found': [404, 'Not Found', 'Route not found'],
  };

  // Problem document as in responses of the API.
  function answer(code, detail, uri) {
    var problem = problems[code];
    return {
      statusCode: problem[0],
      statusDescription: problem[1],
      headers: {
        'content-type': { value: 'application/problem+json' },
        'cache-control': { value: 'no-store' },
        'x-content-type-options': { value: 'nosniff' },
      },
      body: JSON.stringify({
        type: 'urn:cdk-thumbnails:problem:' + code,
        title: problem[2],
        status: problem[0],
        detail: detail,
        instance: uri,
        code: code,
      }),
    };
  }

  // Returns the quality values of an Accept header by media range, parsed like the API does. Ignores invalid elements.
  function qualities(header) {
    var found = {};
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
      // With the space, no range has the name of an inherited property, such as `constructor`.
      var range = ' ' + parts[0].toLowerCase();
      if (found[range] === undefined) {
        count++;
      }
      found[range] = Math.max(quality, found[range] || 0);
    });
    return count ? found : { ' */*': 1 };
  }

  // Selects the format with the highest quality. If qualities are equal, prefers types to ranges, then AVIF and WebP, and then
  // the first format in the configuration.
  function negotiate(formats, header) {
    var accepted = qualities(header);
    var best;
    formats.forEach(function (format) {
      var named = accepted[' image/' + format];
      var ranged = accepted[' image/*'] === undefined ? accepted[' */*'] || 0 : accepted[' image/*'];
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

  // Returns whether S3 and the API both support the key in a path. An HTTP API decodes a path twice, truncates it at a
  // question mark and rejects a lone percent sign. Folders of more than 896 bytes are stored under another name.
  function isPlain(key) {
    var odd = /[%?#\\]|\/\/|^\/|\/$|(?:^|\/)\.{1,2}(?:\/|$)/.test(key);
    return !odd && encode(settings.prefix + key).replace(/%../g, '%').length <= 896;
  }

  // Redirects to the URL with the key in the query, which supports every key.
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
        return answer('route-not-found', 'Paths of this distribution start with ' + settings.base + '.', uri);
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
      return answer('route-not-found', 'Paths: /thumbnails/{name}/{key}, /images/{key}.', uri);
    }

    var name = parts[1];
    if (!Object.prototype.hasOwnProperty.call(settings.thumbnails, name)) {
      return answer('unknown-thumbnail', 'The thumbnail does not exist.', uri);
    }
    var formats = settings.thumbnails[name].split('').map(function (letter) {
      return names[letter];
    });
    var format = query.format ? query.format.value : negotiate(formats, acceptOf(request.headers));
    if (formats.indexOf(format) < 0) {
      return answer('unknown-format', 'Formats of ' + name + ': ' + formats.join(', ') + '.', uri);
    }

    // respond.js reads this header. CloudFront does not add it to the cache key and does not send it to origins.
    request.headers['x-thumbnails-format'] = { value: query.format ? 'named' : 'chosen' };

    if (!parts[2]) {
      if (!settings.query) {
        return answer('invalid-key', 'The key is empty. Append it to the path.', uri);
      }
      // The API parses keys in the query.
      request.uri = path.replace(/\/$/, '');
      request.querystring = keep(query, ['key', 'v']);
      request.querystring.format = { value: format };
      return request;
    }
    var key;
    try {
      key = decodeURIComponent(parts[2]);
    } catch (error) {
      return answer('invalid-key', 'The key is not percent-encoded UTF-8: ' + error.name + '.', uri);
    }
    if (key.indexOf('\0') >= 0) {
      return answer('invalid-key', 'The key contains a NUL character.', uri);
    }
    if (!isPlain(key)) {
      return settings.query
        ? inQuery(name, key, query)
        : answer('invalid-key', 'This key cannot be part of a path.', uri);
    }
    var file = '/' + name + '.' + (format === 'jpeg' ? 'jpg' : format);
    request.uri = '/' + encode(settings.prefix + key) + file;
    request.querystring = keep(query, ['v']);
    return request;
  };
});
