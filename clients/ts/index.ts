// A node's HTTP interface, for Node and browsers: paths, parameters and answers are typed by its document.
export { actAsJson } from './acts.ts';
export {
  answer,
  type ClientOptions,
  connect,
  type QueryOf,
  type Schemas,
  type TrineApi,
  UnreachableError,
} from './client.ts';
export { type LiveEvent, type LiveOptions, live } from './live.ts';
