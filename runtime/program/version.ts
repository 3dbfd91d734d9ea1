/** Version of this program. */
export { version as VERSION } from '../../package.json';
