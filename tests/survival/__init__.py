"""What has to survive, where it is tested, and what support reads then.

=================================  =========================================  =====================
Situation                          Test                                       Support reads
=================================  =========================================  =====================
Redis refuses, is silent,          test_broker                                /readyz: broker away;
half-open, flushed                                                            the log once in 30 s
A reset while a message is acked   test_broker (guard, and its control)       the log
PostgreSQL killed and back         test_database_away                         /healthz: the database
                                                                              does not answer
A full disk                        test_full_disk                             worker and timetable
                                                                              silent in /readyz
Six hundred writers of SQLite      test_writers                               nothing
Migrations under way               test_gone                                  /readyz: schema behind
The clock jumps by hours           test_clock                                 nothing
Nobody sweeps                      test_deadlines                             /healthz says so
Two people, two tabs               pages/test_two_at_once                     the timeline
Done in the Console, at each of    test_console; engine/test_traps            event finished-
twelve stages, in two ways                                                     elsewhere
A copy deleted by hand             engine/test_traps, test_windows            event copy-gone
Taken back from the reviewer       engine/test_traps                          event withdrawn
A rule that changes                engine/test_traps (before, during and      events regulation-
                                   after the submission)                      changed, rule-changed-
                                                                              in-review
The deadline passes in review      engine/test_traps                          trouble original-not-
                                                                              approved
A deleted address                  test_gone, engine/test_traps               trouble refused-22230
A customer moved to another        desk/test_borders                          event bundle-assigned
company
A bundle that disappears           engine/test_traps, test_windows            event bundle-gone
Credentials revoked and restored   engine/test_windows, engine/test_sync      trouble credentials
A submission that broke off        test_resubmission                          the timeline
What is left behind at Twilio      test_strays                                page Left over at
                                                                              Twilio; event stray-
                                                                              removed
=================================  =========================================  =====================

``test_sentences`` holds that each trouble has a sentence that says what can be done, on the
renewal's page, and that each event named above has one in its timeline
(``compliance.wording.situations``).
"""
