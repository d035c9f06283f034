export type { DatasetState, ResourceState } from "./datagouv/catalogue/entry.ts"
export { dataset, organization } from "./datagouv/catalogue/dataset.ts"
export type {
  Content,
  Dataset,
  DatasetInput,
  Organization,
  Publication,
  PublicationInput,
  Resource,
  ResourceInput,
} from "./datagouv/catalogue/dataset.ts"
export type { Json, JsonObject } from "./datagouv/catalogue/json.ts"
export { pilotDatasets } from "./datagouv/catalogue/pilots.ts"
export { recordedDatasets } from "./datagouv/catalogue/recorded.ts"
export type { ControlAction } from "./datagouv/server/control.ts"
export type { Behaviour, Target } from "./datagouv/server/misbehaviour.ts"
export { Portal, startDatagouv } from "./datagouv/server/portal.ts"
export type { LooseFile, PortalOptions } from "./datagouv/server/portal.ts"
export type { LoggedRequest } from "./datagouv/server/request-log.ts"
