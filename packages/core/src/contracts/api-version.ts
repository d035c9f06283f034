/** The plugin interface of this version of core. A plugin says which one it was written for. */
export const API_VERSION = 1
