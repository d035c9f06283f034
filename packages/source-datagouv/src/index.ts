export { datagouv } from "./datagouv.ts"
export type {
  DatagouvOptions,
  DatasetOptions,
  EverythingOptions,
  Http,
  ResourceCriteria,
  ResourceRules,
  SearchOptions,
} from "./options.ts"
