import { defineConfig, type OxlintOverride } from "oxlint"

/**
 * What the sources of a package may import of this repository: `opendatahub-sql, apps -> plugins -> core`.
 * A package without a line is a plugin and imports core alone; `history` and `object-store` are no plugins: the sinks and the lake share them. Tests may import what they compare with.
 */
const mayImport: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: [],
  testkit: ["core", "engine-duckdb"],
  "format-geojson": ["core", "geometry"],
  "format-geo": ["core", "geometry"],
  history: ["core", "engine-duckdb"],
  "sink-duckdb": ["core", "engine-duckdb", "history"],
  lake: ["core", "object-store"],
  "sink-iceberg": ["core", "engine-duckdb", "history", "object-store"],
}

interface Restriction {
  readonly group: Array<string>
  readonly message: string
  readonly caseSensitive?: boolean
}

const oursExcept = (allowed: ReadonlyArray<string>): Restriction => ({
  group: ["opendatahub-sql", "@opendatahub-sql/**", ...allowed.map((name) => `!@opendatahub-sql/${name}{,/**}`)],
  message: "Dependencies point one way: opendatahub-sql, apps -> plugins -> core (CONTRIBUTING.md).",
})

const otherSources: Restriction = {
  group: ["../**/src/**", "!../src/**"],
  message: "Import another package by its name, not by its path.",
}

const duckdb: Restriction = { group: ["@duckdb/**"], message: "Only engine-duckdb talks to DuckDB." }

/** Effect's barrels, and its modules without a stable export; a test compares the list with the installed release. */
const effectLibraryRules: Restriction = {
  group: [
    "effect/[a-z]*",
    "effect/*/**",
    "!effect/encoding",
    "!effect/encoding/{Base64,Base64Url,EncodingError,Hex}",
    "!effect/testing",
    "!effect/testing/TestClock",
    "effect/{Arbitrary,ByteSize,Bytes,ChannelSchema,ErrorReporter,ExecutionPlan,FileSystem,Glob,Graph,HashRing,LayerMap,LayerRef}",
    "effect/{Newtype,PartitionedSemaphore,Path,PlatformError,SemVer,SemVerRange,Stdio,Terminal,TextDiff,TxChunk,Version}",
    "@effect/**",
  ],
  caseSensitive: true,
  message:
    "It may break in a minor release of Effect: libraries use stable modules by deep path, node:* or an own service.",
}

const restrictImports = (
  directory: string,
  patterns: ReadonlyArray<Restriction>,
  paths: Array<string> = [],
): OxlintOverride => ({
  files: [`packages/${directory}/src/**`],
  rules: { "no-restricted-imports": ["error", { paths, patterns: [...patterns, otherSources] }] },
})

const library = (name: string, allowed: ReadonlyArray<string>) => {
  const patterns = [oursExcept(allowed), effectLibraryRules]
  return restrictImports(name, name === "engine-duckdb" ? patterns : [...patterns, duckdb], [
    "effect",
    "effect/encoding",
    "effect/testing",
  ])
}

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "promise", "node", "vitest"],
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["**/dist/**", "**/node_modules/**", "fixtures/**"],
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    eqeqeq: "error",
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "no-console": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-misused-promises": ["error", { checksVoidReturn: { arguments: false } }],
    "typescript/no-non-null-assertion": "error",
    "typescript/only-throw-error": "error",
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    "unicorn/prefer-node-protocol": "error",
    // Off, with the reason: `_tag` is Effect's own discriminant;
    "no-underscore-dangle": "off",
    // a borrowed name in an inner scope and a function beside its only use both read well;
    "no-shadow": "off",
    "unicorn/consistent-function-scoping": "off",
    // a narrowing `as` after a check is how parsed text becomes a literal type; `any` stays forbidden;
    "typescript/no-unsafe-type-assertion": "off",
    // a type argument equal to the default says what is meant;
    "typescript/no-unnecessary-type-arguments": "off",
    "typescript/restrict-template-expressions": ["error", { allowNever: true, allowNumber: true }],
    // the compiler knows better which switch is exhaustive;
    "typescript/consistent-return": "off",
    // what is sorted without a comparison is text, in the order of code units: the same on every machine;
    "typescript/require-array-sort-compare": "off",
    // and tests assert with `assert` of @effect/vitest.
    "vitest/expect-expect": "off",
  },
  overrides: [
    { files: ["*.config.ts", "**/*.config.ts"], rules: { "import/no-default-export": "off" } },
    {
      files: [
        "scripts/**",
        "bench/**",
        "e2e/fixtures/**",
        "packages/opendatahub-sql/src/**",
        "packages/core/src/testing/**",
      ],
      rules: { "no-console": "off" },
    },
    { files: ["**/test/**"], rules: { "typescript/no-non-null-assertion": "off", "no-console": "off" } },
    library("*", ["core"]),
    library("engine-duckdb", ["core"]),
    ...Object.entries(mayImport).map(([name, allowed]) => library(name, allowed)),
    restrictImports("opendatahub-sql", [duckdb]),
  ],
})
