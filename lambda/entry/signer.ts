// What callers sign links with, as a module of its own: it needs nothing but Node.js.
export { signUrl, type SigningKey, type SignOptions } from '../http/sign';
