import { project } from "../../vitest.project.ts"

export default project("engine-duckdb")
