// Writes README's table of settings from src/config.ts (built into lib/); test/unit/readme.test.ts compares.
const { readFileSync, writeFileSync } = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const { settingsTable, withSettings } = require(path.join(root, 'lib', 'settings-table.js'))
const readme = path.join(root, 'README.md')
writeFileSync(readme, withSettings(readFileSync(readme, 'utf8'), settingsTable()))
