import { restSuite } from "./rest-suite.ts"
import { startSeaweed, whyNoSeaweed } from "./seaweed.ts"

restSuite("SeaweedFS as REST catalog and object store", whyNoSeaweed, startSeaweed)
