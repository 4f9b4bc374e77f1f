// @ts-check
/**
 * The shapes of docs/protocol.md, "Operator and supervisor", for the type checker. Nothing runs here.
 *
 * @typedef {"none"|"concern"|"serious"|"acute"} Level
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {string} number
 * @property {Level} level
 * @property {string} level_text
 * @property {string} reason
 * @property {string[]} signals
 * @property {string} channel
 * @property {string} channel_text
 * @property {string} language
 * @property {string|null} place
 * @property {boolean} place_ambiguous
 * @property {string} role_text
 * @property {string} since
 * @property {number|null} position
 * @property {string} speaker
 * @property {string|null} operator
 * @property {boolean} unanswered
 *
 * @typedef {object} Queue
 * @property {Item[]} waiting
 * @property {Item[]} mine
 * @property {Item[]} with_bot
 * @property {Item[]} others
 * @property {boolean} available
 * @property {number} operators
 *
 * @typedef {object} Card what the citizen is shown of a service
 * @property {string} service
 * @property {string} name
 * @property {string} kind
 * @property {string} why
 * @property {string|null} phone
 * @property {string|null} hours
 * @property {boolean|null} open_now
 * @property {string|null} opens
 * @property {string|null} website
 * @property {string|null} address
 * @property {string|null} access
 *
 * @typedef {Card & {kind_text: string, phone_confirmed: boolean, note: string|null, referred: boolean}} Door
 *
 * @typedef {object} TalkEvent
 * @property {number} seq
 * @property {string} at
 * @property {string} type
 * @property {"citizen"|"computer"|"operator"|"system"} who
 * @property {string|null} name
 * @property {string} text
 * @property {string[]} choices
 * @property {[number, number, string][]} marks code-point offsets into text, and the reason
 * @property {boolean} urgent
 * @property {Card|null} card
 *
 * @typedef {object} Assessment
 * @property {Level} level
 * @property {string} level_text
 * @property {string[]} themes
 * @property {string[]} forms
 * @property {string} role_text
 * @property {{code: string, text: string, grave: boolean}[]} signals
 * @property {string[]} needs
 * @property {boolean} caller_is_minor
 * @property {{nis: string, name: string}[]} places
 * @property {boolean} place_ambiguous
 * @property {{text: string, source: string, seq: number|null}[]} reasons
 * @property {string[]} not_asked
 *
 * @typedef {object} Conversation
 * @property {string} id
 * @property {string} number
 * @property {number} head
 * @property {TalkEvent[]} events
 * @property {Item} item
 * @property {boolean} mine
 * @property {boolean} ended
 * @property {string|null} outcome
 * @property {Assessment} assessment
 * @property {{services: Door[], rejected: {service: string, name: string, why: string}[], ask: string|null}} doors
 *
 * @typedef {object} Pending a message of mine that is not in the log yet
 * @property {string} id
 * @property {"say"|"note"} kind
 * @property {string} text
 * @property {number} after head of the log when it was written
 * @property {number|null} seq its place in the log, once the server said so
 * @property {string|null} refused the server's sentence, when it was not taken
 *
 * @typedef {object} Talk what this screen keeps of one conversation, in memory only
 * @property {Conversation} conversation
 * @property {Pending[]} pending
 * @property {{say: string, note: string}} drafts
 * @property {"say"|"note"} mode
 * @property {number} seen last event that was on screen
 */
export {};
