/** The recorded chain that comes with the package. */

import path from 'node:path'

export const sampleChain = path.resolve(__dirname, '..', '..', 'chains', 'dev')
