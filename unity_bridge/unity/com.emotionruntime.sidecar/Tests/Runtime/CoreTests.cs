// Owns the checks that a user can run in Unity's Test Runner: the reader, the writer and the names of shapes.
using NUnit.Framework;

namespace EmotionRuntime.Tests
{
    public sealed class CoreTests
    {
        [Test]
        public void AClientWithoutASidecarSaysWhatToDoAndStops()
        {
            var client = new SidecarClient(new SidecarOptions { Port = 1, Name = "tests" });
            client.Start();
            client.Poll();
            Assert.AreEqual(ClientState.Connecting, client.Status.State);
            Assert.IsTrue(client.Stop());
            Assert.AreEqual(ClientState.Off, client.Status.State);
        }

        [Test]
        public void AFullQueueRefusesEventsAndKeepsTheNewestState()
        {
            var client = new SidecarClient(new SidecarOptions { Name = "tests" });
            for (int i = 0; i < 1024; i++)
            {
                Assert.IsTrue(client.Happen("theft_seen"));
            }
            Assert.IsFalse(client.Happen("theft_seen"));
            for (int i = 0; i < 10; i++)
            {
                client.Set("world.night", i % 2 == 0);
            }
            Assert.AreEqual(9L, client.Counters()["observations_coalesced"]);
            Assert.AreEqual(1L, client.Counters()["observations_overflowed"]);
        }

        [Test]
        public void ShapesAreFoundUnderManySpellings()
        {
            string[] mesh = { "Basis", "blendShape1.jawOpen", "mouthSmile_L", "MouthSmileRight", "unhappy" };
            int[] found = ShapeNames.Match(new[] { "jawOpen", "mouthSmileLeft", "mouthSmileRight", "tongueOut" }, mesh);
            Assert.AreEqual(new[] { 1, 2, 3, -1 }, found);
        }

        [Test]
        public void VrmPresetsAreFoundAndNothingElse()
        {
            int[] found = ShapeNames.MatchPresets(
                new[] { "anger", "joy", "neutral" }, new[] { "Face.M_F00_000_00_Fcl_ALL_Joy", "unhappy" });
            Assert.AreEqual(new[] { -1, 0, -1 }, found);
        }

        [Test]
        public void AStateIsHeldThenFadesToNeutral()
        {
            Assert.AreEqual(1f, Fading.Presence(ClientState.Live, 0.1));
            Assert.AreEqual(1f, Fading.Presence(ClientState.Paused, 60));
            Assert.AreEqual(1f, Fading.Presence(ClientState.Stale, 0.9));
            Assert.AreEqual(0.5f, Fading.Presence(ClientState.Stale, 1.5));
            Assert.AreEqual(0f, Fading.Presence(ClientState.Lost, 3));
        }

        [Test]
        public void SmoothingGoesTheSameWayAtEveryFrameRate()
        {
            float slow = 1 - Fading.Step(0.1f, 0.2f);
            float fast = (1 - Fading.Step(0.05f, 0.2f)) * (1 - Fading.Step(0.05f, 0.2f));
            Assert.AreEqual(slow, fast, 1e-6f);
            Assert.AreEqual(1f, Fading.Step(0.1f, 0f));
        }
    }
}
