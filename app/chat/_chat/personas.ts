/** Ready system prompts; name and text are below `chat.persona` of the messages, in the language of the page. */
export const personaNames = ["engineer", "editor", "tutor", "translator", "brief"] as const;

export type PersonaName = (typeof personaNames)[number];
