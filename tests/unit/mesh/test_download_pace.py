from console.mesh.web.download_pace import DownloadPace, Verdict


def test_a_page_hands_over_only_so_many_files_in_a_minute() -> None:
    now = 0.0
    pace = DownloadPace(lambda: now)
    assert [pace.look() for _ in range(100)] == [Verdict.FINE] * 100
    now = 30.0
    assert [pace.look() for _ in range(3)] == [Verdict.TOO_MANY, Verdict.DROPPED, Verdict.DROPPED]  # told once
    now = 60.0
    assert [pace.look() for _ in range(101)] == [Verdict.FINE] * 100 + [Verdict.TOO_MANY]
