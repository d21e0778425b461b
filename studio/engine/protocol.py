"""What the window and the engine say to each other.

Frames: u32 LE length, then msgpack, at most 16 MB, over the private socket of the runtime folder. The first frame of a
client is `{"hello": 1, "token": ...}`; the engine answers `{"welcome": 1, "session": id of the one that runs or ""}` or
`{"refused": sentence}` and closes.

Client to engine: `{"call": n, "command": name, "params": {...}}`. Answer: `{"answer": n, "result": ...}` or
`{"answer": n, "error": sentence}`. Commands (params -> result):

    start_session   project, channel=None ("web"|"phone"; None: web, or as in the session of `again`), again=None (session
                    path), inputs=None (script items), settings={}, variables={}, data={}, nearby=[] (projects that a
                    transfer may name), source="device"|"none", sink="device"|"none"
                    -> {"session": id, "path": "" or file}
    stop_session    force=False -> {}                 a second call, or force, ends the child's group at once
    say             text -> {}                        typed caller text
    dtmf            digits -> {}                      keys, one by one or several; the session groups them
    give            event, data={} -> {}              an input event that is not the caller's (external_event, ...)
    correct         record (id of a TextEvent), text  the person's reading of what was heard; recorded, re-sent as typed text
    mute            on -> {}                          microphone muted (silence is recorded)
    talk            on -> {}                          push-to-talk held (when the setting `push_to_talk` is on)
    fail            fault -> {}                       makes something fail, by its name in `studio.providers.faults`
    set             name, value -> {}                 a session setting by its name, live
    volume          value 0..1 -> {}                  of the speaker; the recording is not changed
    devices         rescan=False -> {"inputs": [...], "outputs": [...], "input": name, "output": name, "problem": sentence}
    use_devices     input=None, output=None -> same as devices; may be called while a session runs
    keep            on, limit_bytes -> {}             whether sessions are recorded, and how much all may take together
    speak           text, voice, speed, language -> {"pcm": bytes, "rate", "words", "took_ms", "cache", "age_s", "notice"}
                                                  `cache`: "hit" (`age_s`: of what age), "miss", "written" or "off"
    play            pcm, rate -> {"seconds": s}       through the speaker (an audition, a moment of a session)
    stop_playing    -> {}
    hold_speaker    on -> {}                          keeps the speaker open between clips, so that they begin at once
    cast_clip       text, voice, speed=1.0, language="", instructions="", cell="", fresh=False
                    -> {"clip": id, "provider", "voice", "model", "speed": of who really spoke, "stands_in", "notes",
                    "cache", "age_s", "first_byte_ms", "first_sound_ms", "total_ms": None from the cache, "seconds",
                    "spoken_s", "word_times", "wpm", "lufs", "outline": int8 pairs}   `cell` names it in `clip` items
    hear_clip       clip, phone=False -> {"kept", "seconds", "from_s", "queue_s"}   loudness-matched, cutting what played
                    before; of so many seconds, heard from `from_s` on; nothing is heard of one that is not `kept` any more
    prepare_phone   clips -> {}                       makes clips ready to be heard as through a telephone
    clip_picture    clip, phone=False -> {"rows", "columns", "pixels"}   spectrogram, uint8, the highest band first
    export_clips    folder, text, rows, about=[], phone=False -> {"page", "files"}   rows: fields of a casting sheet's row
                    and "clip"; WAV files, casting.csv, casting.html, in a folder
                    within that one where it has a sheet already
    example         voice, text, language="" -> as cast_clip   kept for good where the voice itself spoke
    kept_examples   -> ["openai:nova", ...]           voices whose example needs no service any more
    kept_speech     -> {"clips": [{"id", "provider", "voice", "model", "text", "language", "instructions", "speed", "rate",
                    "name", "seconds", "age_s", "left_s", "size", "hits"}], "folder"}   the speech cache, newest first
    kept_clip       id -> {"pcm", "rate"}             one of them, to be played
    remove_speech   ids=None -> {"removed": n}        these, or all
    providers       -> {"keys": {NAME: {"source": "session"|"key store"|"environment", "ending"}}, "store_problem",
                    "reading_problem", "tried": {provider or "completions.NAME": {"state", "sentence", "at"}},
                    "settings": {provider: {setting: value}}, "listed": {provider: time of its list},
                    "health": {provider: {"state", "sentence", "at", "until"}}}   of those that have failed; never a key
    set_key         name, value, where="session"|"key store" -> same as providers
    remove_key      name -> same as providers
    check_provider  provider -> {"state": "works"|"no key"|"refused"|"limit"|"cannot reach"|"untested", "sentence", "at"}
    check_endpoint  provider of language models -> same as check_provider
    refresh_voices  provider -> same as providers, and "count"   the list of its service is in the catalogue from then on
    open_project    path -> {"name", "phrases", "variables"}   keeps a warm spare for its environment
    prepare_environment  project -> {"kind": "own"|"studio"|"ready"|"missing", "problem", "details", "log"}
                                                      installs what it asks for (progress is sent, cancel ends it)
    add_requirement project, requirement -> {"file", "own"}   into the file that counts; `own`: it has a .venv of its own
    sessions        query="" -> [{"id", "path", "title", "agent", "started", "duration_s", "turns", "pinned", "size", "state",
                    "error"}]
    open_session    path -> {"folder": sidecar}       indexes a foreign file first when needed (progress is sent)
    delete_session, pin_session (on), rename_session (title) path -> {}
    import_session       path                                     -> {path, problems: [sentence]}, of VoiceRun's debugger
    export_session       path, out                                -> {}, as VoiceRun's debugger reads it
    repair_session  path -> {"sentence"}
    export_project  project, target="voicerun", out -> report
    range           session, first -> {"rows", "next"}  records from a `seq` on: packed items without kind and number;
                    `next` is where the next page begins, None after the last
    cancel          call -> {}                        a long call of this client
    shutdown        -> {}

Either side sends `{"beat": 1}` every second and takes the other for hung when nothing at all comes for 15 of its own beats.

Engine to client, unasked, batched per 16 ms as `{"batch": [...], "next": n}`. Items, each a list that begins with its kind:

    ["record", n, session, seq, log_time, publish_time, topic, event, data, id, cause, turn, run, level, message, host]
    ["audio", n, session, topic, log_time, publish_time, first_sample, rate, pcm, id]
    ["vad", n, session, first_sample, step, [probabilities]]
    ["state", n, {...}]         session: "idle"|"starting"|"running"|"ending", id, path, channel, banner, countdown_ms,
                                endpointing_ms, kept (whether the session is recorded), recording_stopped (before its
                                end: the banner says why), recovered (how many sessions were
                                repaired since the engine's start: list them again), underruns, overruns, echo_db, queue_ms
    ["meter", n, input_dbfs, output_dbfs]
    ["clip", n, cell, seconds]  how much of a clip that is being spoken has come
    ["progress", n, call, done 0..1, sentence]

`n` counts display items of the connection, dropped ones included, and `next` is the number after the batch: when more
are missing than came, the client was too slow. `state` and `progress` are never dropped. The client asks for missing
records by `range`; audio that was dropped is in the file. An item has at most 1 MB: data that do not fit are left out.
"""

MAX_FRAME = 16 * 1024 * 1024
MAX_HELLO = 4096
MAX_ITEM = 1024 * 1024
VERSION = 1
