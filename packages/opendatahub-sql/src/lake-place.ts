/** Where the lake of a configuration is. */
import type { Hub } from "@opendatahub-sql/core/config"
import type { LakePlace } from "@opendatahub-sql/lake"
import { resolve } from "node:path"

/** A folder, or an object store (`s3://bucket/prefix`), reached as the environment says (`AWS_ENDPOINT_URL_S3`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`…). */
export const lakePlace = (hub: Hub): LakePlace =>
  hub.lake.startsWith("s3://") ? { location: hub.lake, folder: resolve(hub.workFolder) } : resolve(hub.lake)
