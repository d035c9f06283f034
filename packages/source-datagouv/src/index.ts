export { datagouv } from "./datagouv.ts"
export type {
  DatagouvOptions,
  DatasetOptions,
  Http,
  ResourceCriteria,
  ResourceRules,
  SearchOptions,
} from "./options.ts"
