from concurrent.futures import ThreadPoolExecutor


def do_all(jobs, threads=2):
    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]
