export { geojson } from "./geojson.ts"
