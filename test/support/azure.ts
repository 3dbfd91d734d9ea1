import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(__dirname, '../..');
/** Models of the Azure API Microsoft.App. A separate process imports this ECMAScript module, which Jest cannot load. */
const MODELS = join(root, 'node_modules/@azure/arm-appcontainers/dist/esm/models/mappers.js');

/** Returns the fields of a container app that violate the models of Azure: unknown fields and wrong types. */
export function containerAppProblems(app: object): string[] {
  const program = `
    import { readFileSync } from 'node:fs';
    const models = await import(${JSON.stringify(pathToFileURL(MODELS).href)});
    const problems = [];
    const scalars = { String: 'string', Number: 'number', Boolean: 'boolean', Enum: 'string', TimeSpan: 'string' };
    const fieldsOf = (model) => Object.values(model.type.modelProperties ?? {});
    function check(value, type, path) {
      if (type.name === 'Composite') { object(value, fieldsOf(models[type.className] ?? { type }), '', path); }
      else if (type.name === 'Sequence') {
        if (!Array.isArray(value)) { problems.push(path + ': expected a list'); }
        else { value.forEach((item, index) => check(item, type.element.type, path + '[' + index + ']')); }
      }
      else if (scalars[type.name] && typeof value !== scalars[type.name]) {
        problems.push(path + ': expected ' + scalars[type.name]);
      }
    }
    function object(value, fields, prefix, path) {
      for (const { serializedName, required } of fields) {
        if (required && serializedName.startsWith(prefix) && !(serializedName.slice(prefix.length) in value)) {
          problems.push(path + ': ' + serializedName + ' is missing');
        }
      }
      for (const [name, item] of Object.entries(value)) {
        const at = path ? path + '.' + name : name;
        const full = prefix + name;
        const field = fields.find(({ serializedName }) => serializedName === full);
        if (field) { check(item, field.type, at); }
        // Models flatten some nested objects: the model of a container app has one field properties.template.
        else if (fields.some(({ serializedName }) => serializedName.startsWith(full + '.'))) {
          object(item, fields, full + '.', at);
        }
        else { problems.push(at + ': unknown field'); }
      }
    }
    const app = JSON.parse(readFileSync(0, 'utf8'));
    object(app, fieldsOf(models.ContainerApp).filter(({ serializedName }) => serializedName !== ''), '', '');
    console.log(JSON.stringify(problems));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    input: JSON.stringify(app),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}
