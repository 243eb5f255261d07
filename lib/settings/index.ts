export { changeSettings } from "./change-settings";
export { readSettings, type SettingsChange, settingsHistory } from "./read-settings";
export { createSettings, type Settings, type SettingsDeps } from "./settings-cache";
export {
  defaultSettings,
  isSection,
  type SettingsInput,
  type SettingsSection,
  type SiteSettings,
  sectionNames,
  settingsSections,
} from "./site-settings-schema";
