"""Restarts while clients knock: a station must serve from its first open port on, and end cleanly.

Threads ask for /metrics and order readings without a pause while the station is started and stopped again and
again; what they may see is a refused connection or an answer, never a station that died.
"""
import http.client
import sys
import threading

import park

RESTARTS = 15
CLIENTS = 4


def knock(site, cookie, csrf, stop, answers):
    api = park.Api(site.http_port)
    api.cookie, api.csrf = cookie, csrf
    number = 0
    while not stop.is_set():
        number += 1
        try:
            connection = http.client.HTTPConnection("127.0.0.1", site.http_port, timeout=5)
            connection.request("GET", "/metrics")
            answers.append(connection.getresponse().status)
            connection.close()
            api.call("POST", "/api/rooms/1/commands", {"command": "read"}, timeout=5)
        except (OSError, ValueError, http.client.HTTPException):
            continue


def main():
    with park.Park() as site:
        site.start_all()
        session = site.operator()
        park.wait_until("every meter to be read", 120, session.all_read, 0.5)
        stop, answers = threading.Event(), []
        threads = [threading.Thread(target=knock, args=(site, session.cookie, session.csrf, stop,
                                                        answers)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            for number in range(RESTARTS):
                if number % 2:
                    site.kill("station")
                else:
                    site.stop_one("station")
                site.start("station")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        if not answers or set(answers) - {200, 503}:
            raise park.Failure(f"{len(answers)} answers, with status {set(answers)}")
        print(f"restart: restarts={RESTARTS} answers={len(answers)}")


try:
    main()
except park.Failure as failure:
    print(f"restart: {failure}")
    sys.exit(1)
