export { gtfs } from "./gtfs.ts"
